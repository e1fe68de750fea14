/** What the studio stores. Projects are looked up for an account; what it is no member of is not there. */
import type { ArtefactKind, ArtefactSpec, ProjectRole } from '@posterior/contracts'
import type { ForkSource } from '@posterior/project'

import type { NewNote } from './notes.ts'

export type { ForkSource } from '@posterior/project'

export interface Project {
  id: string
  /** The account that made it, among whose projects the slug is unique; null when that account is gone. */
  accountId: string | null
  slug: string
  name: string
  description: string
  /** Markdown. */
  roadmap: string
  createdAt: number
  updatedAt: number
}

/** A project as a member sees it. */
export interface MemberProject {
  project: Project
  role: ProjectRole
}

export interface Member {
  accountId: string
  name: string
  email: string | null
  role: ProjectRole
  addedAt: number
}

/** What may change of a project. */
export type ProjectChange = Partial<Pick<Project, 'slug' | 'name' | 'description' | 'roadmap'>>

/** A prior, model, eval or dataset, without the content of its versions. */
export interface Artefact {
  id: string
  projectId: string
  kind: ArtefactKind
  slug: string
  forkedFrom: ForkSource | null
  createdAt: number
  /** At least one, oldest first. */
  versions: VersionInfo[]
}

/** A version without its content. */
export interface VersionInfo {
  /** `x.y.z`. */
  version: string
  name: string
  /** Of the content; equal contents have equal hashes. */
  hash: string
  /** Of its files in an archive. */
  bytes: number
  createdAt: number
}

/** A version with its content. */
export interface ArtefactVersion extends VersionInfo {
  spec: ArtefactSpec
}

/** How much a project holds. */
export interface ProjectSize {
  versions: number
  bytes: number
}

/** A version to store; it makes the artefact where there is none with its slug. */
export interface NewVersion extends ArtefactVersion {
  projectId: string
  kind: ArtefactKind
  forkedFrom: ForkSource | null
  /** Id of the artefact if it is a new one. */
  newId: string
}

export interface ProjectStore {
  /**
   * Store a project with its maker as owner and, all or nothing, the versions and notes that it starts with.
   *
   * @throws AppError NOT_FOUND when the account is gone
   */
  insert(
    project: Project & { accountId: string },
    limit: number,
    versions?: readonly NewVersion[],
    notes?: readonly NewNote[],
  ): Promise<'stored' | 'slug taken' | 'too many'>
  /** The project that the account is a member of, by id or slug; of equal slugs its own one, else the oldest. */
  find(accountId: string, handle: string): Promise<MemberProject | undefined>
  /** By name. */
  list(accountId: string): Promise<MemberProject[]>
  change(id: string, change: ProjectChange, updatedAt: number): Promise<'stored' | 'slug taken'>
  remove(id: string): Promise<void>
  counts(id: string): Promise<Record<ArtefactKind, number>>

  /** Oldest first. */
  members(projectId: string): Promise<Member[]>
  /** @throws AppError NOT_FOUND when project or account is gone */
  addMember(
    projectId: string,
    member: { accountId: string; role: ProjectRole; addedAt: number },
    limit: number,
  ): Promise<'stored' | 'is member' | 'too many'>
  /** Give a member another role, or none; refused when no owner would be left. */
  changeMember(
    projectId: string,
    accountId: string,
    role: ProjectRole | null,
  ): Promise<'stored' | 'unknown' | 'last owner'>
}

export interface ArtefactStore {
  /** By slug. */
  list(projectId: string, kind: ArtefactKind): Promise<Artefact[]>
  /** By id or slug. */
  find(projectId: string, kind: ArtefactKind, handle: string): Promise<Artefact | undefined>
  /** By id, in any project that the account is a member of. */
  findForMember(accountId: string, kind: ArtefactKind, id: string): Promise<Artefact | undefined>
  content(artefactId: string, version: string): Promise<ArtefactSpec | undefined>
  /**
   * In one transaction: let `decide` look at the artefact with this slug and at the project, and refuse by throwing; store
   * the version if it says so.
   *
   * @returns the artefact as it is then
   * @throws AppError NOT_FOUND when the project is gone
   */
  addVersion(
    version: NewVersion,
    decide: (existing: Artefact | undefined, size: ProjectSize) => 'store' | 'keep',
  ): Promise<Artefact>
  /** Hashes of the files of all datasets of all projects. */
  tableHashes(): Promise<string[]>
  /** With all versions. @returns whether it was there */
  remove(projectId: string, kind: ArtefactKind, id: string): Promise<boolean>
}
