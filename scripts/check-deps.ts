/**
 * Enforces the import rules: `node scripts/check-deps.ts`. Prints one line per violation and exits 1 when there is any.
 *
 * Three layers: the package table (who may import whom), each package.json (only what it lists), and the folder rules
 * (DuckDB, ONNX Runtime, the environment, the layers of the server). Also the limit on file length.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDER_RULES, MAX_LINES, PACKAGE_RULES, TEST_FILE } from './import-rules.ts'
import { packageOf, readImports, withoutCommentLines } from './read-imports.ts'

/** One broken rule; `target` is the import, or the text, that is not allowed. */
export interface Violation {
  file: string
  target: string
  rule: string
}

interface Manifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const SCOPE = '@posterior/'
const SOURCES = ['packages/*/{src,bin}/**/*.{ts,tsx,js}', '{scripts,bench,tests}/**/*.{ts,tsx,js}']

/** Check every source file under `root`; violations come in the order of the files. */
export function checkTree(root: string): Violation[] {
  const rootManifest = readManifest(join(root, 'package.json'))
  const rootTools = new Set(Object.keys(rootManifest.devDependencies ?? {}))
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((file) => file.split(sep).join('/'))
    .filter((file) => !file.includes('node_modules/'))
    .sort()
  const violations = checkManifests(root)
  for (const file of files) violations.push(...checkFile(root, file, rootTools))
  return violations
}

function checkManifests(root: string): Violation[] {
  const violations: Violation[] = []
  for (const name of packageFolders(root)) {
    const file = `packages/${name}/package.json`
    const allowed = PACKAGE_RULES[name]
    if (!allowed) {
      violations.push({ file, target: name, rule: 'package is missing from scripts/import-rules.ts' })
      continue
    }
    const manifest = readManifest(join(root, file))
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (dependency.startsWith(SCOPE) && !allowed.includes(dependency.slice(SCOPE.length))) {
        violations.push({ file, target: dependency, rule: packageRule(name) })
      }
    }
  }
  return violations
}

function checkFile(root: string, file: string, rootTools: ReadonlySet<string>): Violation[] {
  const source = readFileSync(join(root, file), 'utf8')
  const isTest = TEST_FILE.test(file)
  const violations: Violation[] = []
  const report = (target: string, rule: string) => violations.push({ file, target, rule })

  const name = /^packages\/([^/]+)\//.exec(file)?.[1]
  const manifest = name ? readManifest(join(root, 'packages', name, 'package.json')) : undefined
  for (const specifier of readImports(source)) {
    const isRelative = specifier.startsWith('.')
    const target = isRelative ? posix.join(posix.dirname(file), specifier) : specifier
    const isAllowed =
      target.startsWith(`packages/${name}/`) || (isTest && target.startsWith('tests/support/'))
    if (isRelative && name && !isAllowed) {
      report(target, `relative imports stay inside packages/${name}`)
    }
    if (!isRelative && name && manifest)
      checkBare(name, manifest, specifier, isTest ? rootTools : new Set(), report)
    for (const rule of FOLDER_RULES) {
      if (rule.imports && covers(rule, file) && rule.imports.test(target)) report(target, rule.rule)
    }
  }
  const code = withoutCommentLines(source)
  for (const rule of FOLDER_RULES) {
    if (rule.text && covers(rule, file) && rule.text.test(code)) report(rule.textName ?? 'text', rule.rule)
  }
  const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0)
  const isGenerated = /\.generated\.tsx?$/.test(file) || /^\/\/ Generated /.test(source)
  if (lines > MAX_LINES && !isTest && !isGenerated)
    report(`${lines} lines`, `at most ${MAX_LINES} lines per file`)
  return violations
}

function checkBare(
  name: string,
  manifest: Manifest,
  specifier: string,
  tools: ReadonlySet<string>,
  report: (target: string, rule: string) => void,
): void {
  if (specifier.startsWith('node:')) return
  const wanted = packageOf(specifier)
  if (wanted === manifest.name) return
  if (wanted.startsWith(SCOPE) && !(PACKAGE_RULES[name] ?? []).includes(wanted.slice(SCOPE.length))) {
    report(specifier, packageRule(name))
  } else if (!(wanted in (manifest.dependencies ?? {})) && !tools.has(wanted)) {
    report(specifier, `packages/${name}/package.json does not list ${wanted}`)
  }
}

function covers(rule: (typeof FOLDER_RULES)[number], file: string): boolean {
  return rule.files.test(file) && !rule.except?.test(file)
}

function packageRule(name: string): string {
  const allowed = PACKAGE_RULES[name] ?? []
  return `${name} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other package'}`
}

function packageFolders(root: string): string[] {
  const folder = join(root, 'packages')
  if (!existsSync(folder))
    throw new Error(`Expected a packages folder in ${root}; run this from the repository.`)
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'package.json')))
    .sort()
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

/** One printed line. */
export function formatViolation({ file, target, rule }: Violation): string {
  return `${file} -> ${target} not allowed by rule: ${rule}`
}

function main(): void {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
  const violations = checkTree(root)
  for (const violation of violations) console.error(formatViolation(violation))
  if (violations.length > 0) process.exitCode = 1
  console.log(`check-deps: ${violations.length === 0 ? 'no' : violations.length} broken import rules`)
}

if (process.argv[1] && relative(process.argv[1], fileURLToPath(import.meta.url)) === '') main()
