/** Projects, and who may do what in them. */
import {
  type ArtefactKind,
  MAX_MEMBERS,
  MAX_PROJECTS,
  PROJECT_ROLES,
  type ProjectRole,
  slugOf,
} from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { NewNote } from '../ports/notes.ts'
import type {
  Member,
  MemberProject,
  NewVersion,
  Project,
  ProjectChange,
  ProjectStore,
} from '../ports/studio.ts'
import type { Clock, Ids } from '../ports/system.ts'

export interface ProjectsDeps {
  projects: ProjectStore
  accounts: AccountStore
  clock: Clock
  ids: Ids
  /** Called when a project is gone, for what is not in the store. */
  onRemoved: () => Promise<void>
}

/** What a new project is. */
export interface ProjectOrder {
  name: string
  slug?: string | null | undefined
  description?: string | null | undefined
  roadmap?: string | null | undefined
}

/** Every method with a handle (id or slug) throws AppError NOT_FOUND when the account is no member of such a project. */
export class Projects {
  readonly #deps: ProjectsDeps

  constructor(deps: ProjectsDeps) {
    this.#deps = deps
  }

  /** By name. */
  async list(accountId: string): Promise<MemberProject[]> {
    return this.#deps.projects.list(accountId)
  }

  /**
   * The project, for something that needs at least this role.
   *
   * @throws AppError ROLE_TOO_LOW
   */
  async require(accountId: string, handle: string, needed: ProjectRole = 'viewer'): Promise<MemberProject> {
    const found = await this.#deps.projects.find(accountId, handle)
    if (!found) throw notFound(handle)
    if (PROJECT_ROLES.indexOf(found.role) < PROJECT_ROLES.indexOf(needed)) {
      throw new AppError('ROLE_TOO_LOW', { params: { needed, role: found.role } })
    }
    return found
  }

  /**
   * A new project, which the account owns.
   *
   * @param versions of artefacts, for the id of the project
   * @param notes likewise
   * @throws AppError PROJECT_SLUG_TAKEN, STUDIO_LIMIT_REACHED, REQUEST_VALIDATION_ERROR
   */
  async create(
    accountId: string,
    order: ProjectOrder,
    versions: (projectId: string, now: number) => NewVersion[] = () => [],
    notes: (projectId: string, now: number) => NewNote[] = () => [],
  ): Promise<MemberProject> {
    const slug = order.slug ?? slugOf(order.name)
    if (slug === undefined)
      throw invalidField('slug', 'is missing, and the name has no letters to make one of')
    const now = this.#deps.clock.now()
    const project = {
      id: this.#deps.ids.newId(),
      accountId,
      slug,
      name: order.name,
      description: order.description ?? '',
      roadmap: order.roadmap ?? '',
      createdAt: now,
      updatedAt: now,
    }
    const outcome = await this.#deps.projects.insert(
      project,
      MAX_PROJECTS,
      versions(project.id, now),
      notes(project.id, now),
    )
    if (outcome === 'slug taken') throw new AppError('PROJECT_SLUG_TAKEN', { params: { slug } })
    if (outcome === 'too many')
      throw limitReached('Another project', `${MAX_PROJECTS} projects of an account`)
    return { project, role: 'owner' }
  }

  /** @throws AppError ROLE_TOO_LOW: an editor may change the texts, an owner also the slug; PROJECT_SLUG_TAKEN */
  async change(accountId: string, handle: string, change: ProjectChange): Promise<MemberProject> {
    const needed = change.slug === undefined ? 'editor' : 'owner'
    const { project, role } = await this.require(accountId, handle, needed)
    const updatedAt = this.#deps.clock.now()
    if ((await this.#deps.projects.change(project.id, change, updatedAt)) === 'slug taken') {
      throw new AppError('PROJECT_SLUG_TAKEN', { params: { slug: change.slug ?? '' } })
    }
    return { project: { ...project, ...change, updatedAt } satisfies Project, role }
  }

  /** How many artefacts of each kind a project holds that was looked up before. */
  async counts(projectId: string): Promise<Record<ArtefactKind, number>> {
    return this.#deps.projects.counts(projectId)
  }

  /** With everything in it. @throws AppError ROLE_TOO_LOW */
  async remove(accountId: string, handle: string): Promise<void> {
    const { project } = await this.require(accountId, handle, 'owner')
    await this.#deps.projects.remove(project.id)
    await this.#deps.onRemoved()
  }

  /** Oldest first. */
  async members(accountId: string, handle: string): Promise<Member[]> {
    const { project } = await this.require(accountId, handle)
    return this.#deps.projects.members(project.id)
  }

  /**
   * Let another account see the project.
   *
   * @param account id or e-mail address
   * @throws AppError ROLE_TOO_LOW, ALREADY_MEMBER, STUDIO_LIMIT_REACHED; NOT_FOUND also for the account
   */
  async addMember(
    accountId: string,
    handle: string,
    { account, role }: { account: string; role: ProjectRole },
  ): Promise<Member> {
    const { project } = await this.require(accountId, handle, 'owner')
    const { accounts, projects, clock } = this.#deps
    const byAddress = account.includes('@') ? await accounts.findByEmail(account) : undefined
    const found = byAddress?.account ?? (await accounts.find(account))
    if (!found) throw new AppError('NOT_FOUND', { params: { what: `Account ${account}` } })
    const addedAt = clock.now()
    const outcome = await projects.addMember(project.id, { accountId: found.id, role, addedAt }, MAX_MEMBERS)
    if (outcome === 'is member') throw new AppError('ALREADY_MEMBER')
    if (outcome === 'too many') throw limitReached('Another member', `${MAX_MEMBERS} members of a project`)
    return { accountId: found.id, name: found.name, email: found.email, role, addedAt }
  }

  /** @throws AppError ROLE_TOO_LOW, LAST_OWNER; NOT_FOUND also for the member */
  async changeMember(
    accountId: string,
    handle: string,
    memberId: string,
    role: ProjectRole,
  ): Promise<Member> {
    const { project } = await this.require(accountId, handle, 'owner')
    await this.#changeMember(project.id, memberId, role)
    const member = (await this.#deps.projects.members(project.id)).find((each) => each.accountId === memberId)
    if (!member) throw noMember(memberId)
    return member
  }

  /** Everybody may leave; only an owner takes others out. @throws AppError as `changeMember` */
  async removeMember(accountId: string, handle: string, memberId: string): Promise<void> {
    const { project } = await this.require(accountId, handle, memberId === accountId ? 'viewer' : 'owner')
    await this.#changeMember(project.id, memberId, null)
  }

  async #changeMember(projectId: string, memberId: string, role: ProjectRole | null): Promise<void> {
    const outcome = await this.#deps.projects.changeMember(projectId, memberId, role)
    if (outcome === 'unknown') throw noMember(memberId)
    if (outcome === 'last owner') throw new AppError('LAST_OWNER')
  }
}

/** The error for something that would go beyond a limit. */
export function limitReached(what: string, limit: string): AppError {
  return new AppError('STUDIO_LIMIT_REACHED', { params: { what, limit } })
}

function notFound(handle: string): AppError {
  return new AppError('NOT_FOUND', { params: { what: `Project ${handle}` } })
}

function noMember(accountId: string): AppError {
  return new AppError('NOT_FOUND', { params: { what: `Member ${accountId}` } })
}
