/** What a runner needs to train a run: the files of what the run refers to, in the versions that it began with, and its plan. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { ARTEFACT_KINDS, type ArtefactKind } from '@posterior/contracts'
import {
  FOLDERS,
  runDocument,
  type TarFile,
  type TextFile,
  versionFiles,
  writeTar,
  yamlOf,
} from '@posterior/project'
import type { PinnedReference, Run, Trainer } from '../../ports/runs.ts'
import type { ArtefactStore } from '../../ports/studio.ts'
import type { StoredTables } from '../datasets/stored-tables.ts'

const pack = promisify(gzip)

/** The file of the plan, which is what is trained; the others say the same to people and to other programs. */
export const PLAN_FILE = 'posterior/plan.json'

/** Folder of the tables of datasets that the plan is measured on, each under its hash. */
export const TABLES_FOLDER = 'posterior/tables'

/** What bundles are made from. */
export interface BundleSource {
  artefacts: Pick<ArtefactStore, 'content'>
  trainer: Pick<Trainer, 'tables'>
  tables: Pick<StoredTables, 'bytes'>
}

/** The bundle of a run as a tar.gz; the same run gives the same bytes. */
export async function jobBundle({ artefacts, trainer, tables }: BundleSource, run: Run): Promise<Buffer> {
  const files: TextFile[] = []
  for (const kind of ARTEFACT_KINDS) {
    for (const reference of referencesOf(run, kind)) {
      files.push(...(await filesOf(artefacts, kind, reference)))
    }
  }
  files.push({ name: `runs/${run.slug}.yaml`, text: yamlOf(runDocument(run)) })
  files.push({ name: PLAN_FILE, text: `${JSON.stringify({ format: 1, plan: run.plan })}\n` })
  const all: TarFile[] = files.map(({ name, text }) => ({ path: name, bytes: Buffer.from(text) }))
  for (const sha256 of await trainer.tables(run.plan)) {
    // One that was deleted since is missing there as it would be here, and the eval says so.
    const bytes = await tables.bytes(sha256)
    if (bytes) all.push({ path: `${TABLES_FOLDER}/${sha256}`, bytes })
  }
  return pack(writeTar(all))
}

function referencesOf(run: Run, kind: ArtefactKind): readonly PinnedReference[] {
  if (kind === 'dataset') return []
  return kind === 'eval' ? run.evals : [kind === 'prior' ? run.prior : run.model]
}

/** Nothing for what comes with the program, or was deleted since: the plan has what is needed. */
async function filesOf(
  artefacts: Pick<ArtefactStore, 'content'>,
  kind: ArtefactKind,
  { id, slug, version }: PinnedReference,
): Promise<TextFile[]> {
  const spec = id === null || version === null ? undefined : await artefacts.content(id, version)
  if (!spec) return []
  const folder = kind === 'prior' ? `${FOLDERS.prior}/${slug}` : FOLDERS[kind]
  return versionFiles(kind, spec, null).map(({ name, text }) => ({ name: `${folder}/${name}`, text }))
}
