# The service as an image: no compiler, no package installer, no root, nothing to write to but /data and /tmp.
#
#   docker build -t signals-agent .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -p 8000:8000 -v signals:/data --stop-timeout 30 signals-agent
#
# The base is pinned by version. To pin what that version is today, ask your registry for its digest and put it behind the
# tag, in both lines: `docker buildx imagetools inspect python:3.11.14-slim-bookworm` names it (FROM python:…@sha256:…).

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt requirements-fleet.txt ./
# Wheels alone: where a package has none for this machine the build fails, rather than to want a compiler.
RUN python -m venv --without-pip /opt/venv \
 && python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
      --only-binary :all: -r requirements-fleet.txt
COPY LICENSE NOTICE /app/
COPY scheduler /app/scheduler
COPY dashboard /app/dashboard
COPY service /app/service
# Bytecode that is not compared with its source: nobody changes either in here, and the start is faster.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib /app

FROM python:3.11.14-slim-bookworm
ARG REVISION=unknown
LABEL org.opencontainers.image.title="signals-agent" \
      org.opencontainers.image.description="Audiences and contexts in plain words, ranked, priced and activatable" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nothing is installed in here any more. The user has a number, so that a platform can see that it is not root.
RUN python -m pip uninstall --yes --quiet --root-user-action ignore pip setuptools wheel \
 && install --directory --owner 10001 --group 10001 --mode 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    METRICS_HOST=0.0.0.0 \
    METRICS_PORT=8001 \
    DATABASE_PATH=/data/signals.db \
    STATE_PATH=/data/state.db \
    TRUSTED_PROXIES=0
# TRUSTED_PROXIES=0 is right where the port is published as above. Behind a proxy give its address, as deploy/compose.yaml does.
WORKDIR /data
VOLUME /data
USER 10001:10001
# 8000 for the public, 8001 for Prometheus: do not publish that one.
EXPOSE 8000 8001
# The service drains for DRAIN_SECONDS (20): give it 30 s to stop.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=2)"]
CMD ["python", "-m", "service"]
