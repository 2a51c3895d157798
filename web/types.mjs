// Writes src/api/schema.d.ts from the committed API document: the shapes of bodies and answers, nothing else.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const { openapi, info, components } = JSON.parse(await readFile(new URL("../docs/openapi.json", import.meta.url), "utf8"));
const shapes = { openapi, info, paths: {}, components: { schemas: components.schemas } };
const written = astToString(await openapiTS(shapes, { defaultNonNullable: false }));
await writeFile(
  new URL("src/api/schema.d.ts", import.meta.url),
  `// Written by \`npm run types\` from docs/openapi.json; not edited by hand.\n${written}`,
);
