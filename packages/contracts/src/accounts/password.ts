/** The password policy, in the notation that clients read: `Name(least count)`. */

/** One rule: what is counted, and how many there must be. */
interface PasswordRule {
  name: string
  least: number
  what: string
  count(characters: readonly string[]): number
}

const matching = (pattern: RegExp) => (characters: readonly string[]) =>
  characters.filter((character) => pattern.test(character)).length

const RULES: readonly PasswordRule[] = [
  { name: 'Length', least: 8, what: 'characters', count: (characters) => characters.length },
  { name: 'Uppercase', least: 1, what: 'upper-case letter', count: matching(/\p{Lu}/u) },
  { name: 'Numbers', least: 1, what: 'digit', count: matching(/\p{Nd}/u) },
  {
    name: 'Special',
    least: 1,
    what: 'character that is neither letter nor digit',
    count: matching(/[^\p{L}\p{N}]/u),
  },
]

/** Longest password, in characters; longer ones are refused before any work is done for them. */
export const MAX_PASSWORD_LENGTH = 128

/** The rules as clients read them, such as `Length(8)`. */
export const PASSWORD_REQUIREMENTS: readonly string[] = RULES.map(({ name, least }) => `${name}(${least})`)

/** What a password lacks, in words; undefined when it meets the policy. */
export function passwordProblem(password: string): string | undefined {
  const characters = [...password]
  if (characters.length > MAX_PASSWORD_LENGTH) {
    return `has ${characters.length} characters; at most ${MAX_PASSWORD_LENGTH} are allowed`
  }
  const missing = RULES.filter(({ least, count }) => count(characters) < least)
  if (missing.length === 0) return undefined
  return `needs at least ${missing.map(({ least, what }) => `${least} ${what}`).join(', ')}`
}
