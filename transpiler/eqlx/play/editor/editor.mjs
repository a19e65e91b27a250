// The editor: CodeMirror 6 with EQL's words. `npm ci && npm run build` makes ../static/editor.js.
import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// The tokens of EQL's grammar (eqlx/syntax/eql.lark); the words come from the program.
function eql(words) {
  const keywords = new Set(words.keywords);
  const functions = new Set(words.functions.map((name) => name.toLowerCase()));
  return StreamLanguage.define({
    startState: () => ({ block: "" }),
    token(stream, state) {
      if (state.block) {
        if (stream.skipTo(state.block)) {
          stream.match(state.block);
          const was = state.block;
          state.block = "";
          return was === "*/" ? "comment" : "string";
        }
        stream.skipToEnd();
        return state.block === "*/" ? "comment" : "string";
      }
      if (stream.eatSpace()) return null;
      if (stream.match("//")) { stream.skipToEnd(); return "comment"; }
      if (stream.match("/*")) { state.block = "*/"; return "comment"; }
      if (stream.match('"""')) { state.block = '"""'; return "string"; }
      if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
      if (stream.match(/^`(?:[^`]|``)*`?/)) return "variableName";
      if (stream.match(/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:ms|[smhd])?/)) return "number";
      if (stream.match(/^[?]?[A-Za-z_@][\w@]*(?:\.[A-Za-z_@][\w@]*)*~?/)) {
        const word = stream.current();
        const plain = word.replace(/~$/, "").toLowerCase();
        if (stream.match(/^\s*\(/, false) && functions.has(plain)) return "function";
        if (keywords.has(plain) || ["head", "tail", "runs"].includes(plain)) return "keyword";
        return "variableName";
      }
      if (stream.match(/^(?:==|!=|<=|>=|[<>:|!=])/)) return "operator";
      stream.next();
      return null;
    },
    tokenTable: { function: tags.function(tags.variableName) },
    languageData: { commentTokens: { line: "//", block: { open: "/*", close: "*/" } }, closeBrackets: { brackets: ["(", "[", '"'] } },
  });
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: tags.string, class: "tok-string" },
  { tag: tags.number, class: "tok-number" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: tags.operator, class: "tok-operator" },
  { tag: tags.function(tags.variableName), class: "tok-function" },
]);

// `complete` gets the word before the caret and gives [{label, type, detail}].
export function makeEditor(parent, { text, words, label, changed, complete, run, nonce }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        // The page's security policy lets in the style sheets of CodeMirror by this.
        EditorView.cspNonce.of(nonce), EditorView.lineWrapping, lintGutter(), syntaxHighlighting(colours), eql(words),
        placeholder("process where …"),
        autocompletion({
          override: [(context) => {
            const word = context.matchBefore(/[?]?[\w@.]+/);
            if (!word || (word.from === word.to && !context.explicit)) return null;
            return { from: word.from, options: complete(), validFor: /^[?]?[\w@.]*$/ };
          }],
        }),
        // Tab leaves the editor, so that the keyboard reaches the rest of the page.
        keymap.of([{ key: "Mod-Enter", run: () => { run(); return true; } }, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorView.updateListener.of((update) => { if (update.docChanged) changed(update.state.doc.toString()); }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    focus: () => view.focus(),
    // Places count lines and columns from 1, columns by characters.
    mark(found) {
      const doc = view.state.doc;
      const at = (line, column) => {
        const row = doc.line(Math.min(Math.max(line, 1), doc.lines));
        const units = [...row.text].slice(0, column - 1).join("").length;
        return Math.min(row.from + units, row.to);
      };
      const shown = found.filter((one) => one.line).map((one) => {
        const from = at(one.line, one.column);
        const to = Math.max(at(one.end_line, one.end_column), Math.min(from + 1, doc.length));
        return { from: Math.min(from, to), to, severity: one.severity === "note" ? "info" : one.severity, message: one.message + (one.help ? `\n${one.help}` : ""), source: one.code };
      });
      shown.sort((a, b) => a.from - b.from);
      view.dispatch(setDiagnostics(view.state, shown));
    },
  };
}
