"""What pyproject.toml cannot say: the packages are those found, and two folders of `assets/`.

In a checkout these lie beside the package, in the wheel inside it; `sam3_playground.bundled`
looks in both places. Everything else about the project stands in pyproject.toml.
"""

from setuptools import find_namespace_packages, setup

setup(
    packages=[
        *find_namespace_packages(include=["sam3_playground*"]),
        "sam3_playground.assets.examples",
        "sam3_playground.assets.tiny",
    ],
    package_dir={"sam3_playground.assets": "assets"},
)
