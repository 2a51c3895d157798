# One image for every role: `quanbao api`, `quanbao worker`, `quanbao localnet`.
FROM node:22-bookworm-slim AS node
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY web/package.json web/
COPY contracts/evm/package.json contracts/evm/
RUN npm ci --workspace web --include-workspace-root --no-audit --no-fund --ignore-scripts
COPY web web
RUN npm run build --workspace web

FROM python:3.13-slim-bookworm
WORKDIR /opt/quanbao
COPY requirements/run.lock requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/run.lock
COPY pyproject.toml README.md ./
COPY primitives primitives
COPY codec codec
COPY persistence persistence
COPY keystore keystore
COPY people people
COPY chains chains
COPY wallets wallets
COPY vouchers vouchers
COPY audit audit
COPY localnet localnet
COPY api api
COPY docs/privacy.md docs/privacy.zh.md docs/
COPY contracts/evm/artifacts contracts/evm/artifacts
RUN pip install --no-cache-dir --no-deps --no-build-isolation --no-index -e .
COPY --from=node /src/web/dist web/dist
COPY --from=node /src/node_modules/@foundry-rs node_modules/@foundry-rs
RUN useradd --system --create-home --home-dir /var/lib/quanbao quanbao
RUN install -d -o quanbao -m 700 /var/lib/quanbao-erasure
USER quanbao
ENTRYPOINT ["python", "-m", "api.cli"]
CMD ["api"]
