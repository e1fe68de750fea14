/**
 * The import rules of the project as tables (see ARCHITECTURE.md). `check-deps.ts` reads them; nothing else does.
 */

/** Packages in order: each row lists every workspace package that the package may import. */
export const PACKAGE_RULES: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  project: ['contracts'],
  tabular: [],
  prior: ['tabular'],
  graph: [],
  model: ['graph'],
  engine: ['tabular', 'graph', 'model'],
  training: ['contracts', 'project', 'tabular', 'prior', 'graph', 'model', 'engine'],
  evaluation: ['tabular', 'model', 'engine'],
  server: ['contracts', 'project', 'tabular', 'prior', 'model', 'engine', 'training'],
  client: ['contracts'],
  cli: [
    'contracts',
    'project',
    'tabular',
    'prior',
    'graph',
    'model',
    'engine',
    'training',
    'evaluation',
    'server',
    'client',
  ],
  web: ['contracts', 'client'],
}

/** A rule on what files under a folder may not do. */
export interface FolderRule {
  /** Short sentence printed with the violation. */
  rule: string
  /** Repository-relative path pattern of the files it covers. */
  files: RegExp
  /** Files that the rule lets through. */
  except?: RegExp
  /** Import specifiers that are refused; relative ones are matched as repository-relative paths. */
  imports?: RegExp
  /** Source text that is refused, such as reading the environment. */
  text?: RegExp
  /** Name printed for a refused text. */
  textName?: string
}

/** Tests, what they share, and the programs that they start. */
export const TEST_FILE = /\.test\.tsx?$|\/fixtures\/|\/src\/testing\//

/** Third-party packages that belong to one place, and what the layers of the server may not see. */
export const FOLDER_RULES: readonly FolderRule[] = [
  {
    rule: 'DuckDB belongs to tabular/src/formats',
    files: /^packages\//,
    except: /^packages\/tabular\/src\/formats\//,
    imports: /^@duckdb\//,
  },
  {
    rule: 'ONNX Runtime belongs to engine/src/runtime/onnx.ts',
    files: /^(packages|tests|bench|scripts)\//,
    // The test of this script holds the import as a text.
    except: /^(packages\/engine\/src\/runtime\/onnx\.ts|scripts\/check-deps\.test\.ts)$/,
    imports: /^onnxruntime-/,
  },
  {
    rule: 'contracts runs in browsers, so it sees nothing of Node',
    files: /^packages\/contracts\/src\//,
    except: TEST_FILE,
    imports: /^node:/,
    text: /\bprocess\./,
    textName: 'process',
  },
  {
    rule: 'the server domain knows no framework, storage, file system or runtime',
    files: /^packages\/server\/src\/domain\//,
    except: TEST_FILE,
    imports:
      /^(fastify|@fastify\/.*|kysely|node:fs|node:fs\/promises|node:sqlite|node:child_process|node:http)(\/|$)/,
  },
  {
    rule: 'the server domain does not import http or adapters',
    files: /^packages\/server\/src\/domain\//,
    except: TEST_FILE,
    imports: /^packages\/server\/src\/(http|adapters)\//,
  },
  {
    rule: 'http does not import adapters',
    files: /^packages\/server\/src\/http\//,
    except: TEST_FILE,
    imports: /^packages\/server\/src\/adapters\//,
  },
  {
    rule: 'adapters do not import http',
    files: /^packages\/server\/src\/adapters\//,
    except: TEST_FILE,
    imports: /^packages\/server\/src\/http\//,
  },
  {
    rule: 'only config.ts and the command line read the environment',
    files: /^packages\//,
    except: /^packages\/(server\/src\/config(\.ts$|\/)|cli\/)|\.test\.ts$|\/fixtures\//,
    text: /\bprocess\??\.env\b|\bprocess\[\s*['"]env|\benv\b[^=\n]*\}\s*=\s*process\b/,
    textName: 'process.env',
  },
  {
    rule: 'only config.ts and the command line read the environment',
    files: /^packages\//,
    except: /^packages\/(server\/src\/config(\.ts$|\/)|cli\/)|\.test\.ts$|\/fixtures\//,
    imports: /^node:process$/,
  },
  {
    rule: 'random numbers come from the seeded generator',
    files: /^packages\/(tabular|prior|graph|model|engine|training)\/src\//,
    text: /\bMath\.random\b/,
    textName: 'Math.random',
  },
  {
    rule: 'acceptance tests see the product from outside: contracts, client and tests/support alone',
    files: /^tests\/(acceptance|install)\//,
    imports: /^(@posterior\/(?!contracts$|client$)|packages\/)/,
  },
]

/** Longest source file, in lines; generated files and tests are exempt. */
export const MAX_LINES = 400
