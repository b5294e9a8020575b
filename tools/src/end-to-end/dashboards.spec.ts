import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { allServices, workspaceRoot } from '@tessera/testing';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const read = (path: string) => readFileSync(join(workspaceRoot(), path), 'utf8');
const { groups } = parse(read('deploy/prometheus/alerts.yml')) as { groups: { name: string; rules: Rule[] }[] };
const { panels } = JSON.parse(read('deploy/grafana/tessera.json')) as { panels: Panel[] };
const rules = groups.flatMap((group) => group.rules);
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

/** Names of the metrics that an expression reads. @throws Error for one that is no PromQL. */
function metricsIn(expression: string): string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, name, from, to, node }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expression}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') names.push(expression.slice(from, to));
    },
  });
  return names;
}

/** The names that a histogram's samples have. */
const ofFamily = (name: string) => name.replace(/_(bucket|count|sum)$/, '');

describe('alerts and dashboard', () => {
  it('are well formed', () => {
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, for: duration, labels, annotations, ...rest } of rules) {
      expect(alert).toMatch(/^Tessera[A-Z][A-Za-z]+$/);
      expect(metricsIn(expr).length).toBeGreaterThan(0);
      expect(duration ?? '1m').toMatch(/^\d+[smhd]$/);
      expect(['warning', 'critical']).toContain(labels['severity']);
      expect(Object.keys(annotations).sort()).toEqual(['action', 'summary']);
      expect(rest).toEqual({});
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(() => metricsIn('sum by (x) (rate(a[5m])')).toThrow('no PromQL');
  });

  it.each([
    ['lookups of edges and their copies', /^tessera_edge_/, 4],
    ['exports', /^tessera_export/, 5],
    ['deletions', /^tessera_delet/, 3],
    ['quotas', /^tessera_quota_/, 1],
  ])('have panels of %s', (_what, pattern, number) => {
    const metrics = new Set(
      panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))).map(ofFamily),
    );
    expect([...metrics].filter((name) => pattern.test(name))).toHaveLength(number);
  });

  describe('and the running services', () => {
    let running: RunningPlatform;
    beforeAll(async () => {
      running = await runPlatform();
    }, 180_000);
    afterAll(() => running?.stop(), 60_000);

    it('agree: every metric that is named is shown', async () => {
      const { platform } = running;
      const shown = new Set<string>();
      for (const { url } of allServices.flatMap((service) => platform.instances(service))) {
        const text = await (await fetch(`${url}/metrics`)).text();
        for (const [, name = ''] of text.matchAll(/^# TYPE (\S+) /gm)) shown.add(name);
      }
      const named = new Set(expressions.flatMap(metricsIn));
      expect([...named].filter((name) => !shown.has(name) && !shown.has(ofFamily(name)))).toEqual([]);
      expect(named.size).toBeGreaterThan(15);
    });
  });
});
