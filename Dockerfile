# One image for every service; docker-compose.yml names the process each container runs.
FROM python:3.13-slim
WORKDIR /app
COPY requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY services services
COPY schemas schemas
RUN useradd --create-home sis && mkdir /data && chown sis /data
USER sis
ENV PYTHONUNBUFFERED=1
