// The same vendor calls as the product makes, by a plain BullMQ worker: call, download, write. Nothing else.
// Usage: worker.mjs PLAN.json; prints one JSON object with what it took.
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker } from "bullmq";

const plan = JSON.parse(await readFile(process.argv[2], "utf8"));
const base = plan.simulator_url;
const poll = plan.poll_seconds * 1000;

async function asked(url, headers, body) {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    headers: body ? { "content-type": "application/json", ...headers } : headers,
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status} ${(await answer.text()).slice(0, 200)}`);
  return answer;
}

async function downloaded(url) {
  return Buffer.from(await (await asked(url, {})).arrayBuffer());
}

async function openai(order) {
  const headers = { authorization: "Bearer simulated" };
  const answer = await asked(`${base}/openai/v1/images/generations`, headers, {
    model: order.model, prompt: order.prompt, n: 1, size: order.size, quality: order.tier,
    output_format: "png", partial_images: plan.partials, stream: true,
  });
  for (const block of (await answer.text()).split("\n\n")) {
    const data = block.split("\n").find((line) => line.startsWith("data: "));
    const event = data && data !== "data: [DONE]" ? JSON.parse(data.slice(6)) : {};
    if (event.type === "image_generation.completed") return Buffer.from(event.b64_json, "base64");
  }
  throw new Error("the stream ended before the picture");
}

async function gemini(order) {
  const url = `${base}/gemini/v1/models/${order.model}:generateContent`;
  const answer = await asked(url, { "x-goog-api-key": "simulated" }, {
    contents: [{ role: "user", parts: [{ text: order.prompt }] }],
    generationConfig: {
      responseModalities: ["IMAGE"],
      imageConfig: { aspectRatio: order.ratio, imageSize: order.tier },
      seed: order.seed,
    },
  });
  const parts = (await answer.json()).candidates[0].content.parts;
  return Buffer.from(parts.find((part) => part.inlineData && !part.thought).inlineData.data, "base64");
}

async function ideogram(order) {
  const headers = { "Api-Key": "simulated" };
  const started = await asked(`${base}/ideogram/v2/image/generate/ideogram-4-5`, headers, {
    prompt: order.prompt, quality: order.tier, size: order.size, num_images: 1,
    magic_prompt: "off", async: true, seed: order.seed,
  });
  const { generation_id } = await started.json();
  for (;;) {
    const answer = await (await asked(`${base}/ideogram/v2/generations/${generation_id}`, headers)).json();
    if (answer.status === "completed") return downloaded(answer.data[0].url);
    await sleep(poll);
  }
}

async function flux(order) {
  const headers = { "x-key": "simulated" };
  const [width, height] = order.size.split("x").map(Number);
  const body = { prompt: order.prompt, width, height, seed: order.seed };
  const { polling_url } = await (await asked(`${base}/flux/v1/${order.model}`, headers, body)).json();
  for (;;) {
    const answer = await (await asked(polling_url, headers)).json();
    if (answer.status === "Ready") return downloaded(answer.result.sample);
    await sleep(poll);
  }
}

const vendors = { openai, gemini, ideogram, flux };
const connection = { ...plan.redis, maxRetriesPerRequest: null };
const queue = new Queue("bench", { connection });
let stored = 0;
let failures = 0;
let peak = 0;
const watching = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 100);

let finish;
const finished = new Promise((resolve) => { finish = resolve; });
const worker = new Worker(
  "bench",
  async (job) => {
    const data = await vendors[job.data.provider](job.data);
    await writeFile(`${plan.folder}/${job.data.number}`, data);
  },
  { connection, concurrency: plan.concurrency },
);
worker.on("completed", () => { stored += 1; if (stored + failures === plan.orders.length) finish(); });
worker.on("failed", (_, error) => {
  if (failures++ === 0) console.error(error.message);
  if (stored + failures === plan.orders.length) finish();
});
await worker.waitUntilReady();
await queue.waitUntilReady();

const before = process.cpuUsage();
const began = performance.now();
await queue.addBulk(plan.orders.map((data) => ({ name: "picture", data, opts: { attempts: 1 } })));
const submitted = performance.now();
await finished;
const ended = performance.now();
const used = process.cpuUsage(before);
clearInterval(watching);
await queue.obliterate({ force: true });
await worker.close();
await queue.close();
console.log(JSON.stringify({
  wall_s: (ended - began) / 1000,
  submit_s: (submitted - began) / 1000,
  stored,
  cpu_s: (used.user + used.system) / 1e6,
  rss_peak_mib: peak / 2 ** 20,
  runtime: typeof Bun === "undefined" ? `node ${process.versions.node}` : `bun ${Bun.version}`,
}));
