# The bot as an image:
#
#   docker build -t csto-bot .
#   docker run -d --restart unless-stopped --stop-timeout 15 --read-only --tmpfs /tmp \
#       -v csto-bot:/data --env-file .env -e HTTP_LISTEN=0.0.0.0:8080 -p 127.0.0.1:8080:8080 csto-bot
#
# Nothing is written to at run time but /data, which holds the store where it is SQLite: name a
# volume for it, or a new container begins with an empty store. HTTP_LISTEN stands after --env-file,
# as 127.0.0.1 in .env would be the container's own. The health check asks port 8080 inside.

FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY knowledge knowledge
RUN python -m venv /opt/csto-bot \
    && /opt/csto-bot/bin/pip install --no-cache-dir --disable-pip-version-check \
        --constraint constraints.txt '.[postgres]'

FROM python:3.13-slim
COPY --from=build /opt/csto-bot /opt/csto-bot
RUN install -d -o 10001 -g 10001 -m 0700 /data
# The health check asks there, so it is on while the bot polls too.
ENV PATH=/opt/csto-bot/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    XDG_DATA_HOME=/data \
    HTTP_LISTEN=0.0.0.0:8080 \
    LOG_FORMAT=json
WORKDIR /data
VOLUME /data
EXPOSE 8080
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["csto-bot"]
CMD ["run"]
