/** Why a server does not start, in words for its operator; anything else that stops a start is a bug. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Another process has the data folder. */
export class FolderInUseError extends StartError {}
