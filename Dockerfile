# Rowhook in a container: the published package, on the Node of the base image, as a user without rights.
#
#   docker build -t rowhook .
#   docker run -p 8080:8080 -v rowhook-data:/data rowhook

FROM node:26-bookworm-slim AS build
WORKDIR /rowhook
COPY package.json package-lock.json .npmrc ./
# Native parts come prebuilt, so nothing has to run while installing.
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build.mjs && node console/build.mjs
# The image has a Node already; the pinned one of the package would only make it larger.
RUN npm prune --omit=dev --ignore-scripts && rm -rf node_modules/node

FROM node:26-bookworm-slim
ENV NODE_ENV=production \
    ROWHOOK_HOST=0.0.0.0 \
    ROWHOOK_DATA_DIR=/data
WORKDIR /rowhook
COPY --from=build /rowhook/package.json ./
COPY --from=build /rowhook/node_modules ./node_modules
COPY --from=build /rowhook/dist ./dist
COPY --from=build /rowhook/dist-console ./dist-console
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
