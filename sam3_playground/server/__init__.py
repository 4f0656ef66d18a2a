"""What stands before page and API alike: who may ask, for which paths, and what is noted of it.

Plain ASGI: it knows neither the page's framework nor the API's.
"""
