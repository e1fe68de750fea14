import type { Command } from '../command.ts'

/** `posterior runner`: another machine that trains for a server. */
export const runnerCommand: Command = {
  name: 'runner',
  summary: 'Train runs of a server on this machine.',
  description: [
    'Asks the server at --url for runs that were ordered for a runner, trains them as the server would, and uploads their brains. It only calls, and is never called, so it works behind any firewall. A server that is away is waited for; training goes on meanwhile.',
    'run (the default) serves until Ctrl-C, which saves and hands the run back; after a kill the same command goes on with the run. check asks whether the server takes the token, prints what this machine would tell of itself, and ends.',
    'The token is that of a runner, issued at /runners of the server. In POSTERIOR_RUNNER_TOKEN other users of this machine do not see it.',
  ],
  positionals: [{ name: '[ACTION]', summary: 'run (default) or check.' }],
  options: [
    { name: 'url', kind: 'string', value: 'URL', defaultText: 'POSTERIOR_URL', summary: 'The server.' },
    {
      name: 'token',
      kind: 'string',
      value: 'TOKEN',
      defaultText: 'POSTERIOR_RUNNER_TOKEN',
      summary: 'Token of the runner, psr_...',
    },
    {
      name: 'folder',
      kind: 'string',
      value: 'DIR',
      defaultText: 'posterior-runner',
      summary: 'Where runs are kept while they train; one runner uses it at a time.',
    },
    { name: 'once', kind: 'flag', summary: 'End after one run; exit code 0 when it is completed.' },
    {
      name: 'upload-every',
      kind: 'number',
      value: 'MINUTES',
      min: 0,
      max: 10_080,
      defaultText: '5',
      summary:
        'Time between two uploads of the state of a run, from which another runner goes on when this one is gone; 0: none.',
    },
    {
      name: 'workers',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 1024,
      defaultText: 'the cores that this process may use',
      summary: 'Threads that compute gradients; they do not change the outcome.',
    },
  ],
  examples: [
    'npx posterior runner --url https://posterior.example.org',
    'npx posterior runner check --url http://127.0.0.1:8000',
  ],
  async run(values, positionals, context) {
    const { runRunner } = await import('../runner/run-runner.ts')
    return await runRunner(values, positionals, context)
  },
}
