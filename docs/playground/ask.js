// Asks eqlx itself, which runs in a worker of this page on Pyodide. An answer that takes too long ends the worker.
const SECONDS = 20;
const status = document.getElementById("status");
let worker, ready, waiting, number = 0;

function start() {
  waiting = new Map();
  worker = new Worker("worker.js", { type: "module" });
  ready = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.ready) return resolve();
      if (data.failed) return reject(new Error(`eqlx does not start in this browser: ${data.failed}`));
      const { resolve: done, reject: failed, timer } = waiting.get(data.number);
      clearTimeout(timer);
      waiting.delete(data.number);
      if (data.error === undefined) done(JSON.parse(data.answer));
      else failed(new Error(data.error));
    };
    worker.onerror = (event) => reject(new Error(`eqlx does not start in this browser: ${event.message}`));
  });
}

function end(message) {
  worker.terminate();
  for (const { reject, timer } of waiting.values()) { clearTimeout(timer); reject(new Error(message)); }
  start();
}

status.textContent = "Loading eqlx (about 7 MB, once) …";
start();
ready.catch((error) => { status.textContent = error.message; });

export async function ask(name, body) {
  await ready;
  const own = ++number;
  return new Promise((resolve, reject) => {
    const late = `no answer within ${SECONDS} seconds; the query or the events cost too much`;
    const timer = setTimeout(() => end(late), 1000 * SECONDS);
    waiting.set(own, { resolve, reject, timer });
    worker.postMessage({ number: own, name, body: JSON.stringify(body) });
  });
}
