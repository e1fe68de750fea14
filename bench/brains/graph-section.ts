/** What docs/reference/brains.md says of brains of graphs. */
import { fixed, table } from './markdown.ts'
import type { Estimate, GraphResult } from './results.ts'

const AREAS = ['brain', 'correlation', 'partial correlation', 'true skeleton', 'equal variances'] as const
const DISTANCES = ['brain', 'no edges', 'equal variances'] as const

export function graphSection(results: readonly GraphResult[]): string[] {
  const notes = results.flatMap(({ slug, note }) => (note ? [`- \`${slug}\`: ${note}`] : []))
  return [
    '## Graphs',
    '',
    'Brains of the causal priors, of size `quick` by the default recipe, on held-out tables (`node bench/discovery.ts`): which column causes which, judged as the eval `graph_recovery` judges it.',
    'The area under the ROC curve (AUROC) is the probability that an edge is scored above an ordered pair without one, in the same table; 0.5 is chance. *Gain* is the brain less the better of the two',
    'correlations, table by table. All with 95 % bootstrap intervals over tables.',
    '',
    ...table(
      ['prior', 'processor seconds', 'steps', 'tables', ...AREAS.map((who) => `${who}, AUROC`), 'gain'],
      results.map((r) => [
        `\`${r.slug}\``,
        String(r.processorSeconds),
        String(r.steps),
        String(r.tablesWithArea),
        ...AREAS.map((who) => written(r.auroc[who]!, 3)),
        written(r.gain, 3),
      ]),
    ),
    '',
    'The structural Hamming distance (SHD) is the number of pairs of columns whose edge is missing, too much or turned; the brain has an edge where its probability is at least 0.5.',
    '',
    ...table(
      ['prior', 'tables', ...DISTANCES.map((who) => `${who}, SHD`)],
      results.map((r) => [
        `\`${r.slug}\``,
        String(r.heldOutTables),
        ...DISTANCES.map((who) => written(r.shd[who]!, 2)),
      ]),
    ),
    '',
    '*Correlation* and *partial correlation* (given all other columns) are their sizes, which see what the brain sees and know no direction: an edge and its reverse have one score. *True skeleton* is the most',
    'that such a score can reach: the truth without its directions. *Equal variances* is no rival but a bound: it is told that the model is linear and that the noise of all columns has one variance, and reads the causal order from the units of the columns as they were drawn',
    '(least conditional variance first, then least squares). The brain sees standardised columns, from which that order is gone.',
    '',
    ...(notes.length > 0 ? [...notes, ''] : []),
  ]
}

function written({ mean, low, high }: Estimate, digits: number): string {
  return `**${fixed(mean, digits)}** (${fixed(low, digits)} to ${fixed(high, digits)})`
}
