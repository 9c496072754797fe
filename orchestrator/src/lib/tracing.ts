// What the lab does, as traces for a collector of OpenTelemetry's. Where the environment asks for none, nothing of it is loaded.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { hostname } from 'node:os';
import { pause } from './within.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type Tracer = {
  /** `work` as a span; spans that begin within it are below it. `parent` is a carrier, of a span in another process. */
  span: <T>(name: string, attributes: Attributes, work: (add: (more: Attributes) => void) => Promise<T>, parent?: string) => Promise<T>;
  /** What a request takes along, so that another process goes on with the trace that is under way here: W3C's traceparent. */
  carrier: () => string | undefined;
  close: () => Promise<void>;
};

export const NO_TRACER: Tracer = { span: (_name, _attributes, work) => work(() => undefined), carrier: () => undefined, close: () => Promise.resolve() };

/** A collector that does not answer may not keep a command that is over. */
const SEND_MS = 3000;

export function tracesWanted(env: NodeJS.ProcessEnv): boolean {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  return endpoint !== '' && env['OTEL_SDK_DISABLED'] !== 'true';
}

/** Where to, and with which headers, the exporter reads from the environment, as OpenTelemetry specifies. `say` is told once when nothing can be sent. */
export async function openTracer(version: string, say: (line: string) => void): Promise<Tracer> {
  const [{ context, propagation, ROOT_CONTEXT, SpanStatusCode, trace }, { BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { detectResources, envDetector, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'), import('@opentelemetry/sdk-trace-node'), import('@opentelemetry/exporter-trace-otlp-http'), import('@opentelemetry/resources'),
  ]);
  const own = resourceFromAttributes({ 'service.name': 'virgil-lab', 'service.version': version, 'host.name': hostname(), 'process.pid': process.pid });
  const exporter = telling(new OTLPTraceExporter({ timeoutMillis: SEND_MS }), say);
  const provider = new NodeTracerProvider({ resource: own.merge(detectResources({ detectors: [envDetector] })), spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const tracer = trace.getTracer('vlab', version);
  return {
    span: (name, attributes, work, parent) => {
      const above = parent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent: parent });
      return tracer.startActiveSpan(name, { attributes: { ...attributes } }, above, async (span) => {
        try {
          return await work((more) => { span.setAttributes({ ...more }); });
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    carrier: () => {
      const carried: { traceparent?: string } = {};
      propagation.inject(context.active(), carried);
      return carried.traceparent;
    },
    close: async () => {
      const enough = new AbortController();
      await Promise.race([provider.shutdown().catch(() => undefined), pause(SEND_MS, enough.signal)]);
      enough.abort();
    },
  };
}

function telling(exporter: SpanExporter, say: (line: string) => void): SpanExporter {
  let told = false;
  return {
    export: (spans: ReadableSpan[], done) => {
      exporter.export(spans, (result) => {
        // Whatever could not be sent comes with an error.
        if (result.error !== undefined && !told) {
          told = true;
          say(`traces cannot be sent (OTEL_EXPORTER_OTLP_ENDPOINT): ${result.error.message}`);
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
