#include "compare/report_json.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/json.h"

namespace atonce::compare {
namespace {

using json::Writer;

// More digits than a measurement has would only make documents differ.
double rounded(double value) { return std::strtod(fmt::format("{:.5g}", value).c_str(), nullptr); }

void write_figure(Writer& writer, double value) {
  if (std::isfinite(value)) {
    writer.number(rounded(value));
  } else {
    writer.null();
  }
}

void write_figure(Writer& writer, const std::optional<double>& value) {
  if (value) {
    write_figure(writer, *value);
  } else {
    writer.null();
  }
}

void write_figure(Writer& writer, const std::optional<Interval>& interval) {
  if (!interval) {
    writer.null();
    return;
  }
  writer.begin_object();
  write_figure(writer.key("median"), interval->median);
  write_figure(writer.key("low"), interval->low);
  write_figure(writer.key("high"), interval->high);
  writer.end_object();
}

Writer& write_count(Writer& writer, std::size_t count) {
  return writer.integer(static_cast<std::int64_t>(count));
}

void write_timeline(Writer& writer, const std::vector<Span>& timeline) {
  writer.begin_array();
  for (const Span& span : timeline) {
    writer.begin_array();
    write_figure(writer, to_seconds(span.started));
    write_figure(writer, to_seconds(span.ended));
    write_count(writer, span.lane).end_array();
  }
  writer.end_array();
}

void write_arm(Writer& writer, const ArmReport& arm) {
  writer.begin_object().key("name").string(name_of(arm.arm.kind));
  write_count(writer.key("workers"), arm.arm.workers);
  write_figure(writer.key("seconds"), arm.seconds);
  write_figure(writer.key("speedup"), arm.speedup);
  write_figure(writer.key("speedup_over_best"), arm.speedup_over_best);
  write_figure(writer.key("startup_seconds"), arm.startup_seconds);
  write_figure(writer.key("pss_mb"), arm.pss_mb);
  write_figure(writer.key("cpu_seconds"), arm.cpu_seconds);
  write_figure(writer.key("copied_bytes_per_call"), arm.copied_bytes_per_call);
  write_figure(writer.key("queue_wait_seconds"), arm.queue_wait_seconds);
  write_figure(writer.key("collector_seconds"), arm.collector_seconds);
  write_figure(writer.key("voluntary_switches"), arm.voluntary_switches);
  write_figure(writer.key("forced_switches"), arm.forced_switches);
  write_count(writer.key("rounds"), arm.rounds);
  writer.key("note").string(arm.note).key("timeline");
  write_timeline(writer, arm.timeline);
  writer.end_object();
}

void write_machine(Writer& writer, const Machine& machine) {
  writer.begin_object().key("processor").string(machine.processor);
  write_count(writer.key("cores"), machine.cores);
  write_count(writer.key("physical_cores"), machine.physical_cores);
  write_figure(writer.key("memory_mb"), machine.memory_mb);
  writer.key("system").string(machine.system);
  writer.key("atonce").string(machine.atonce);
  writer.key("python").string(machine.python);
  writer.key("ordinary_python").string(machine.ordinary_python);
  write_figure(writer.key("load_before"), machine.load_before);
  write_figure(writer.key("load_after"), machine.load_after);
  write_figure(writer.key("used_by_others"), machine.used_by_others);
  writer.end_object();
}

void write_fits(Writer& writer, const std::vector<Fit>& fits) {
  writer.begin_object();
  for (const Fit& fit : fits) {
    writer.key(name_of(fit.kind)).begin_object();
    write_figure(writer.key("serial_share"), fit.serial_share);
    write_figure(writer.key("contention"), fit.contention);
    write_figure(writer.key("coherency"), fit.coherency);
    write_figure(writer.key("best_workers"), fit.best_workers);
    writer.end_object();
  }
  writer.end_object();
}

void write_copying(Writer& writer, const Report& report) {
  writer.key("crossing").begin_object();
  write_figure(writer.key("call_seconds"), report.crossing.call_seconds);
  write_figure(writer.key("argument_bytes"), report.crossing.argument_bytes);
  writer.key("sentence").string(report.crossing.sentence).end_object();
  writer.key("copying").begin_array();
  for (const CopyCost& cost : report.copying) {
    writer.begin_array();
    write_figure(writer, cost.bytes);
    write_figure(writer, cost.seconds);
    writer.end_array();
  }
  writer.end_array();
}

void write_findings(Writer& writer, const Report& report) {
  writer.key("causes").begin_array();
  for (const Cause& cause : report.causes) {
    writer.begin_object().key("kind").string(cause.kind).key("subject").string(cause.subject);
    writer.key("evidence").string(cause.evidence).key("advice").string(cause.advice).end_object();
  }
  writer.end_array().key("remarks").begin_array();
  for (const Remark& remark : report.remarks) {
    writer.begin_object().key("name").string(name_of(remark.kind));
    writer.key("is_pro").boolean(remark.is_pro).key("text").string(remark.text).end_object();
  }
  writer.end_array().key("notes").begin_array();
  for (const std::string& note : report.notes) writer.string(note);
  writer.end_array();
}

}  // namespace

std::string write_json(const Report& report) {
  Writer writer;
  writer.begin_object().key("function").string(report.function).key("args").begin_array();
  for (const std::string& arguments : report.arguments) writer.raw(arguments);
  writer.end_array().key("are_args_generated").boolean(report.are_arguments_generated);
  write_machine(writer.key("machine"), report.machine);
  write_count(writer.key("calls"), report.calls).key("arms").begin_array();
  for (const ArmReport& arm : report.arms) write_arm(writer, arm);
  writer.end_array();
  write_fits(writer.key("fits"), report.fits);
  write_copying(writer, report);
  write_findings(writer, report);
  writer.key("has_verdict").boolean(report.has_verdict).key("verdict").string(report.verdict);
  write_figure(writer.key("seconds"), report.seconds);
  writer.key("command").string(report.command).end_object();
  return writer.take();
}

}  // namespace atonce::compare
