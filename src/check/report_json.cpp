#include "check/report_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "check/fields.h"

namespace atonce::check {
namespace {

using json::Writer;

void write_access(Writer& writer, const Access& access) {
  writer.begin_object().key("op").string(access.op).key("file").string(access.file);
  writer.key("line").integer(access.line).key("function").string(access.function);
  writer.key("thread").string(access.thread).key("call").string(access.call);
  write_texts(writer.key("locks"), access.locks);
  writer.key("text").string(access.text).end_object();
}

void write_finding_members(Writer& writer, const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  writer.key("kind").string(finding.kind).key("level").string(name_of(finding.level));
  writer.key("variable").string(finding.variable).key("element").string(finding.element);
  writer.key("confirmed").boolean(!finding.is_guess).key("accesses").begin_array();
  for (const Access& access : finding.accesses) write_access(writer, access);
  writer.end_array();
  write_texts(writer.key("functions"), reported.functions);
  writer.key("advice").string(reported.advice).key("order").string(reported.order);
  if (!finding.message.empty()) writer.key("message").string(finding.message);
  writer.key("runs").integer(static_cast<std::int64_t>(reported.runs));
}

void write_pairs(Writer& writer, const std::vector<NamePair>& pairs) {
  writer.begin_array();
  for (const NamePair& pair : pairs) {
    writer.begin_array().string(pair[0]).string(pair[1]).end_array();
  }
  writer.end_array();
}

void write_suppressed(Writer& writer, const std::vector<Suppressed>& suppressed) {
  writer.begin_array();
  for (const Suppressed& each : suppressed) {
    writer.begin_object();
    write_finding_members(writer, each.reported);
    writer.key("reason").string(each.reason).key("file").string(each.place.file);
    writer.key("line").integer(each.place.line).end_object();
  }
  writer.end_array();
}

void write_not_tested(Writer& writer, const std::vector<NotTested>& not_tested) {
  writer.begin_array();
  for (const NotTested& each : not_tested) {
    writer.begin_object();
    write_texts(writer.key("functions"), each.functions);
    writer.key("why").string(each.why).end_object();
  }
  writer.end_array();
}

void write_failures(Writer& writer, const std::vector<Failure>& failures) {
  writer.begin_array();
  for (const Failure& each : failures) {
    writer.begin_object().key("calls").begin_array();
    for (const RunningCall& call : each.calls) {
      writer.begin_object().key("name").string(call.tool).key("args");
      const bool is_json = json::Document::parse(call.arguments).has_value();
      is_json ? writer.raw(call.arguments) : writer.null();
      writer.end_object();
    }
    writer.end_array().key("what").string(each.what).end_object();
  }
  writer.end_array();
}

}  // namespace

std::string write_json(const Report& report) {
  Writer writer;
  writer.begin_object().key("verdict").string(name_of(report.verdict));
  writer.key("subject").string(report.subject).key("findings").begin_array();
  for (const ReportedFinding& each : report.findings) {
    writer.begin_object();
    write_finding_members(writer, each);
    writer.end_object();
  }
  writer.end_array();
  write_pairs(writer.key("unsafe_pairs"), report.unsafe_pairs);
  write_pairs(writer.key("not_overlapped"), report.not_overlapped);
  write_not_tested(writer.key("not_tested"), report.not_tested);
  write_suppressed(writer.key("suppressed"), report.suppressed);
  write_failures(writer.key("failures"), report.failures);
  write_texts(writer.key("notes"), report.notes);
  write_texts(writer.key("what_cannot_be_seen"), report.what_cannot_be_seen);
  writer.key("pairs").integer(static_cast<std::int64_t>(report.pairs));
  writer.key("runs").integer(static_cast<std::int64_t>(report.runs));
  writer.key("seconds").number(std::strtod(fmt::format("{:.3f}", report.seconds).c_str(), nullptr));
  writer.key("atonce").string(report.version).key("python").string(report.python).end_object();
  return writer.take();
}

}  // namespace atonce::check
