// The catalogue's linear regression as a module of your own: change it, and train a brain on what it became.
export const prior = definePrior({
  name: 'Linear Regression',
  kind: 'tabular',
  description: 'Straight lines with random slope and intercept, seen with Gaussian noise.',
  parameters: {
    num_points: { type: 'int', range: [50, 200], limits: [16, 10_000], description: 'Rows of a task.' },
    coefficient_range: {
      type: 'float',
      range: [0.5, 2],
      description: 'The slope is between minus this and this.',
    },
    intercept_range: {
      type: 'float',
      range: [0, 1],
      description: 'The intercept is between minus this and this.',
    },
    noise_scale: { type: 'float', range: [0.05, 0.5], description: 'Standard deviation of the noise.' },
  },
  outputs: [
    { name: 'X', type: 'tensor', shape: '(num_points, 1)', description: 'Inputs, uniform from -2 to 2.' },
    { name: 'y', type: 'tensor', shape: '(num_points)', description: 'Targets.' },
    { name: 'a_true', type: 'scalar', shape: '()', description: 'Slope.' },
    { name: 'b_true', type: 'scalar', shape: '()', description: 'Intercept.' },
  ],
  sample(random, p) {
    const a = random.uniform(-p.coefficient_range, p.coefficient_range)
    const b = random.uniform(-p.intercept_range, p.intercept_range)
    const x = random.uniforms(p.num_points, -2, 2)
    const y = x.map((value) => a * value + b + p.noise_scale * random.normal())
    return { X: Array.from(x, (value) => [value]), y, a_true: a, b_true: b }
  },
})
