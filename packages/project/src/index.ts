export { readArchive } from './archive/read-archive.ts'
export { readTar } from './archive/tar-reader.ts'
export { type TarFile, writeTar } from './archive/tar-writer.ts'
export { type ForkSource, type TextFile, versionFiles, yamlOf } from './canonical-files.ts'
export {
  FOLDERS,
  PROJECT_FILE,
  type ProjectHead,
  projectFiles,
  ROADMAP_FILE,
  type WholeArtefact,
} from './layout.ts'
export { type Place, ProjectError } from './project-error.ts'
export { type ReadProject, type ReadVersion, readProject } from './read-project.ts'
export { type RunFile, type RunToWrite, runDocument, runFileSchema } from './run-file.ts'
export {
  type ArtefactLookup,
  type PinnedReference,
  RecipeError,
  type ResolvedRecipe,
  type RunOverrides,
  type RunRecipe,
  resolveRecipe,
} from './run-recipe.ts'
