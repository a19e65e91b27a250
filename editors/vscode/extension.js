// Starts `eqlx lsp` for `.eql` files and for the queries of TOML rule files.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate() {
  const settings = workspace.getConfiguration("eqlx");
  const [command, ...args] = settings.get("command");
  client = new LanguageClient(
    "eqlx",
    "eqlx",
    { command, args },
    {
      documentSelector: [{ language: "eql" }, { scheme: "file", pattern: "**/*.toml" }],
      initializationOptions: { schema: settings.get("schema"), folding: settings.get("folding") },
    },
  );
  return client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
