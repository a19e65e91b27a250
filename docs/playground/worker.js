// eqlx on Pyodide: the answers of `eqlx.play.answers`, which is what the server of `eqlx play` asks, too.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const ANSWER = `
import importlib
importlib.invalidate_caches()
from eqlx.play.answers import BadRequestError, answer

def asked(name, body):
    try:
        return [answer(name, body), None]
    except BadRequestError as error:
        return [None, str(error)]
`;

let asked;
try {
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: new URL("pyodide/", self.location.href).href }),
    fetch("packages.zip").then((response) => response.arrayBuffer()),
  ]);
  const folder = python.runPython("import sysconfig; sysconfig.get_paths()['purelib']");
  python.unpackArchive(packages, "zip", { extractDir: folder });
  python.runPython(ANSWER);
  asked = python.globals.get("asked");
  self.postMessage({ ready: true });
} catch (error) {
  self.postMessage({ failed: String(error).split("\n").filter(Boolean).at(-1) });
}

self.onmessage = ({ data: { number, name, body } }) => {
  let result;
  try {
    result = asked(name, body);
    const [answer, error] = result.toJs();
    self.postMessage({ number, answer, error });
  } catch (error) {
    self.postMessage({ number, error: String(error).split("\n").filter(Boolean).at(-1) });
  } finally {
    result?.destroy();
  }
};
