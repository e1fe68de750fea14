export { readArchive } from './archive/read-archive.ts'
export { readTar } from './archive/tar-reader.ts'
export { type TarFile, writeTar } from './archive/tar-writer.ts'
export { artefactLookup, findTable } from './artefact-lookup.ts'
export { type ForkSource, type TextFile, versionFiles, yamlOf } from './canonical-files.ts'
export { type CheckedProject, type CheckHooks, checkProject, type Finding } from './check-project.ts'
export {
  FOLDERS,
  PROJECT_FILE,
  type ProjectHead,
  projectFiles,
  ROADMAP_FILE,
  tablePlaces,
  type WholeArtefact,
  wholeArtefacts,
} from './layout.ts'
export { headOf, type NoteFile, notePath, readNote } from './notes.ts'
export { type Place, ProjectError } from './project-error.ts'
export { type ReadArtefact, type ReadFiles, type ReadRun, readFiles } from './read-files.ts'
export {
  BRAIN_FILES,
  type ReadProject,
  type ReadRunRecord,
  type ReadVersion,
  readProject,
  withOneSpelling,
} from './read-project.ts'
export { type RunFile, type RunToWrite, runDocument, runFileDocument, runFileSchema } from './run-file.ts'
export {
  type ArtefactLookup,
  type PinnedReference,
  RecipeError,
  type ResolvedRecipe,
  type RunOverrides,
  type RunRecipe,
  resolveRecipe,
} from './run-recipe.ts'
