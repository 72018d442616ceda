// Type-checks tests/examples/retry.ts strictly, then runs it. Arguments: the base URL of a tenant. Prints what readPage
// returned or threw, and how many tokens it fetched, as one JSON object.
import ts from "typescript";

const example = new URL("../examples/retry.ts", import.meta.url).pathname;
const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
};
const problems = ts.getPreEmitDiagnostics(ts.createProgram([example], options));
if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, ts.createCompilerHost(options)));

const { outputText } = ts.transpileModule(ts.sys.readFile(example), { compilerOptions: options });
const { readPage } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);

const results = [];
for (const baseUrl of process.argv.slice(2)) {
  let tokens = 0;
  const fetchToken = async () => {
    tokens += 1;
    return "dev-token";
  };
  const outcome = await readPage(baseUrl, fetchToken, { firstWait: 0.001 }).then(
    (logs) => logs.length,
    (error) => error.message,
  );
  results.push({ outcome, tokens });
}
console.log(JSON.stringify(results));
