# The mock as an image: docker build -t logto-mockserver . && docker run --rm -p 127.0.0.1:3001:3001 logto-mockserver
# The base needs Python 3.11 or later with venv. No other line depends on a system or an architecture.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /source
RUN python3 -m venv /opt/mockserver
COPY constraints.txt pyproject.toml README.md LICENSE openapi.yaml ./
COPY fixtures fixtures
COPY mockserver mockserver
# With the extra `check`, the image also judges: docker run logto-mockserver check URL.
RUN /opt/mockserver/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[check]'

FROM ${BASE}
COPY --from=build /opt/mockserver /opt/mockserver
# The control API is off beyond loopback without a token. This one is published: publish the port on 127.0.0.1.
ENV PATH=/opt/mockserver/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp \
    MOCKSERVER_HOST=0.0.0.0 MOCKSERVER_ADMIN_TOKEN=dev-admin-token
USER 10001:10001
WORKDIR /data
EXPOSE 3001
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s CMD ["mockserver", "health"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
