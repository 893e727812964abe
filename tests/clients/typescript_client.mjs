// The TypeScript client: calls the tools of tools.py and prints what it got, as JSON.
//
// usage: node typescript_client.mjs FOLDER_OF_THE_PACKAGES URL auto|legacy
//        node typescript_client.mjs FOLDER_OF_THE_PACKAGES '["PROGRAM", ...]' auto|legacy      (over stdio)
import { createRequire } from "node:module";

const [folder, target, mode] = process.argv.slice(2);
// The packages are not beside this file, so they are looked for where they are.
const load = createRequire(`${folder}/`);
const { Client, StreamableHTTPClientTransport } = load("@modelcontextprotocol/client");
const { StdioClientTransport } = load("@modelcontextprotocol/client/stdio");
const parties = 8;

const client = new Client(
  { name: "test", version: "1" },
  { versionNegotiation: { mode } },
);

function serverAt() {
  if (!target.startsWith("[")) return new StreamableHTTPClientTransport(new URL(target));
  const [command, ...args] = JSON.parse(target);
  return new StdioClientTransport({ command, args });
}

async function told(name, args, options) {
  const result = await client.callTool({ name, arguments: args }, options);
  const texts = result.content.filter((block) => block.type === "text");
  return {
    is_error: result.isError ?? false,
    text: texts.map((block) => block.text).join(""),
    structured: result.structuredContent ?? null,
  };
}

async function progressOf() {
  const heard = [];
  const answers = [];
  const onprogress = ({ progress, total, message }) => {
    heard.push([progress, total ?? null, message ?? null]);
    answers.push(told("go_on", {}));
  };
  await told("count", { to: 3 }, { onprogress });
  await Promise.all(answers);
  return heard;
}

// Leaves a call that has begun, then asks how it ended.
async function cancel() {
  const leaving = new AbortController();
  const begun = new Promise((onprogress) => {
    told("hold", {}, { onprogress, signal: leaving.signal }).catch(() => {});
  });
  await begun;
  leaving.abort("the test leaves");
  return told("how_hold_ended", {});
}

await client.connect(serverAt());
const numbers = [...Array(parties).keys()];
const said = {
  protocol: client.getNegotiatedProtocolVersion(),
  tools: (await client.listTools()).tools.map((tool) => tool.name).sort(),
  add: await told("add", { a: 1, b: 2 }),
  error: await told("divide", { a: 1, b: 0 }),
  bad_arguments: await told("add", { a: "one", b: 2 }),
  progress: await progressOf(),
  parallel: await Promise.all(numbers.map((number) => told("meet", { number }))),
  cancelled: await cancel(),
};
console.log(JSON.stringify(said));
await client.close();
process.exit(0); // an open stream would keep it
