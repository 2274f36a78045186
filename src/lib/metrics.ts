import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * What a measurement is told apart by. Only words of our own, from short closed lists (a protocol, a state, a code):
 * each new value is a series that is kept for ever, so nothing that a stranger writes may become one.
 */
export type MetricLabels = Readonly<Record<string, string | number>>

/** Counts what happened and never goes down. */
export interface MetricCounter {
  inc(value?: number): void
  inc(labels: MetricLabels, value?: number): void
}

/** How much there is at the moment. */
export interface MetricGauge {
  set(value: number): void
  set(labels: MetricLabels, value: number): void
  inc(value?: number): void
  inc(labels: MetricLabels, value?: number): void
  dec(value?: number): void
  dec(labels: MetricLabels, value?: number): void
}

/** How sizes or times are spread. Times are in seconds, and the name says so. */
export interface MetricHistogram {
  observe(value: number): void
  observe(labels: MetricLabels, value: number): void
}

/**
 * The measurements of one process, in the text format of Prometheus. The library behind it is quiet and may be
 * replaced, so nobody else imports it. A name that is defined twice, or is none that Prometheus knows, is our mistake
 * and throws.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): MetricCounter
  gauge(name: string, help: string, labels?: readonly string[]): MetricGauge
  /** Buckets are upper bounds, rising. Left out: 5 ms to 10 s. */
  histogram(
    name: string,
    help: string,
    labels?: readonly string[],
    buckets?: readonly number[],
  ): MetricHistogram
  /** The text that `GET /metrics` answers with. */
  render(): Promise<string>
  readonly contentType: string
}

/** Each has a list of its own: two parts of a test, or two processes in one, do not count into each other. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const shared = (name: string, help: string, labels: readonly string[]) => {
    return { name, help, labelNames: [...labels], registers: [registry] }
  }
  return {
    counter: (name, help, labels = []) => new Counter(shared(name, help, labels)),
    gauge: (name, help, labels = []) => new Gauge(shared(name, help, labels)),
    histogram: (name, help, labels = [], buckets = SECONDS) =>
      new Histogram({ ...shared(name, help, labels), buckets: [...buckets] }),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** Fine where our own answers lie, coarse where providers' do. */
const SECONDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A count of any size as a gauge holds it, a double: near enough for a chart, and never read back as money. */
export function approximately(value: bigint): number {
  return Number(value)
}
