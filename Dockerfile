# The playground for a CPU; for CUDA: docker build --build-arg TORCH=cu130 --tag sam3-playground .
# TORCH is a folder of https://download.pytorch.org/whl.
# deploy/chroot.sh takes the same steps without an engine.

FROM debian:trixie-slim AS build
ARG TORCH=cpu
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/sam3
WORKDIR /source
COPY requirements.txt requirements.lock ./
RUN /opt/sam3/bin/pip install --no-cache-dir \
    --extra-index-url "https://download.pytorch.org/whl/${TORCH}" \
    --constraint requirements.lock --requirement requirements.txt
COPY . .
RUN /opt/sam3/bin/pip install --no-cache-dir --no-deps .

FROM debian:trixie-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home sam3 \
    && install --directory --owner sam3 --group sam3 /weights
COPY --from=build /opt/sam3 /opt/sam3
ENV PATH=/opt/sam3/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    SAM3_WEIGHTS_DIR=/weights \
    HF_HOME=/weights/huggingface \
    XDG_CACHE_HOME=/weights/cache \
    XDG_CONFIG_HOME=/weights/config \
    XDG_DATA_HOME=/weights/data
USER 10001
WORKDIR /home/sam3
VOLUME /weights
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=5m \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"GRADIO_SERVER_PORT\"]}/healthz')"]
ENTRYPOINT ["sam3-playground"]
CMD ["serve"]
