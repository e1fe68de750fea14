/** Limits of what the studio stores. They are constants, so that an archive of one server can be read by another. */

/** Most projects that one account has made. */
export const MAX_PROJECTS = 200

/** Most members of one project. */
export const MAX_MEMBERS = 100

/** Most versions of priors, models, evals and datasets in one project, all together. */
export const MAX_PROJECT_VERSIONS = 2_000

/** Longest code of one prior or eval, in bytes of UTF-8. */
export const MAX_CODE_BYTES = 262_144

/** Longest markdown of a roadmap or a rationale, in bytes of UTF-8. */
export const MAX_MARKDOWN_BYTES = 262_144

/** Largest YAML file of one version, in bytes. */
export const MAX_DOCUMENT_BYTES = 65_536

/** All files of a project together, in bytes as they are written to an archive. */
export const MAX_PROJECT_BYTES = 16_777_216

/** Largest table of one version of a dataset, in bytes of its file. */
export const MAX_DATASET_BYTES = 8_388_608

/** Most rows, columns and cells of a dataset, and bytes of text once it is unpacked. */
export const MAX_DATASET_TABLE = {
  rows: 100_000,
  columns: 2_000,
  cells: 2_000_000,
  text_bytes: 33_554_432,
} as const

/** Most splits of a dataset. */
export const MAX_DATASET_SPLITS = 20

/** Most initiatives and works of one project. */
export const MAX_PROJECT_NOTES = 1_000

/** Initiatives and literature of a project together, in bytes as they are written to an archive. */
export const MAX_NOTES_BYTES = 4_194_304

/** Deepest nesting of a document. */
export const MAX_DOCUMENT_DEPTH = 20

/** Longest name of a project, prior, model or eval, in characters. */
export const MAX_NAME_LENGTH = 200

/** Longest slug, in characters. */
export const MAX_SLUG_LENGTH = 64

/** Largest archive of a project, packed, in bytes. */
export const MAX_ARCHIVE_BYTES = 25_165_824

/** Largest archive of a project, unpacked, in bytes: more than that of any project that can be exported. */
export const MAX_UNPACKED_BYTES = 33_554_432

/** Most files and folders of an archive. */
export const MAX_ARCHIVE_ENTRIES = 10_000

/** Most runs of one project. */
export const MAX_PROJECT_RUNS = 1_000

/** Most runs of one project that wait or train. */
export const MAX_UNFINISHED_RUNS = 50
