#include "check/sarif.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "check/sides.h"
#include "check/wording.h"

namespace atonce::check {
namespace {

using json::Writer;

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json";

// The part of the path below the root; elsewhere the name alone, since folders differ by machine.
std::string below(const std::string& root, const std::string& file) {
  return file.starts_with(root) ? file.substr(root.size()) : file.substr(file.rfind('/') + 1);
}

// Without lines: the fingerprint of a finding would change with every line above it.
std::string fingerprint_of(const Finding& finding, const std::string& root) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  std::string text = finding.kind + '\n' + finding.variable;
  std::set<std::string> functions;
  for (const Access& access : finding.accesses) {
    functions.insert(below(root, access.file) + ':' + access.function);
  }
  for (const std::string& function : functions) text += '\n' + function;
  for (const char each : text) {
    hash = (hash ^ static_cast<unsigned char>(each)) * 1099511628211U;
  }
  return std::to_string(hash);
}

class SarifWriter {
 public:
  SarifWriter(const Report& report, std::string root, Sources& sources)
      : report_(report), root_(std::move(root)), sources_(sources) {
    if (!root_.ends_with('/')) root_ += '/';
  }

  [[nodiscard]] std::string write() {
    writer_.begin_object().key("$schema").string(kSchema).key("version").string("2.1.0");
    writer_.key("runs").begin_array().begin_object();
    write_tool();
    writer_.key("columnKind").string("unicodeCodePoints");
    writer_.key("originalUriBaseIds").begin_object().key("SRCROOT").begin_object();
    writer_.key("uri").string("file://" + percent_encoded(root_, "/")).end_object().end_object();
    write_invocation();
    writer_.key("results").begin_array();
    for (const ReportedFinding& each : report_.findings) write_result(each, nullptr);
    for (const Suppressed& each : report_.suppressed) write_result(each.reported, &each);
    writer_.end_array().end_object().end_array().end_object();
    return writer_.take();
  }

 private:
  void write_text(std::string_view key, std::string_view text) {
    writer_.key(key).begin_object().key("text").string(text).end_object();
  }

  void write_tool() {
    writer_.key("tool").begin_object().key("driver").begin_object();
    writer_.key("name").string("atonce check").key("version").string(report_.version);
    writer_.key("rules").begin_array();
    for (const std::string_view kind : kKinds) {
      writer_.begin_object().key("id").string(kind);
      write_text("shortDescription", title_of(kind));
      write_text("fullDescription", meaning_of(kind));
      writer_.key("defaultConfiguration").begin_object().key("level").string("error");
      writer_.end_object().end_object();
    }
    writer_.end_array().end_object().end_object();
  }

  void write_invocation() {
    writer_.key("invocations").begin_array().begin_object();
    writer_.key("executionSuccessful").boolean(report_.verdict != Verdict::inconclusive);
    writer_.key("toolExecutionNotifications").begin_array();
    for (const Failure& each : report_.failures) {
      writer_.begin_object().key("level").string("error");
      write_text("message", describe_failure(each));
      writer_.end_object();
    }
    for (const NamePair& pair : report_.not_overlapped) {
      writer_.begin_object().key("level").string("warning");
      write_text("message",
                 "`" + pair[0] + "` and `" + pair[1] + "` never ran at the same time: not tested");
      writer_.end_object();
    }
    writer_.end_array().end_object().end_array();
  }

  void write_result(const ReportedFinding& reported, const Suppressed* suppressed) {
    const Finding& finding = reported.finding;
    const auto* const rule = std::ranges::find(kKinds, finding.kind);
    writer_.begin_object().key("ruleId").string(finding.kind);
    if (rule != std::end(kKinds)) writer_.key("ruleIndex").integer(rule - std::begin(kKinds));
    writer_.key("level").string(name_of(finding.level));
    write_text("message", message_of(reported));
    writer_.key("locations").begin_array();
    if (!finding.accesses.empty()) write_location(finding.accesses.front(), {});
    writer_.end_array();
    write_code_flow(finding);
    writer_.key("partialFingerprints").begin_object();
    writer_.key("atonce/v1").string(fingerprint_of(finding, root_)).end_object();
    if (suppressed != nullptr) {
      writer_.key("suppressions").begin_array().begin_object().key("kind").string("inSource");
      writer_.key("justification").string(suppressed->reason).end_object().end_array();
    }
    writer_.end_object();
  }

  static std::string message_of(const ReportedFinding& reported) {
    std::string text(title_of(reported.finding.kind));
    text += " of `" + reported.finding.variable + "`";
    for (const std::string& part : {reported.order, reported.finding.message, reported.advice}) {
      if (!part.empty()) text += "\n\n" + part;
    }
    return text;
  }

  void write_code_flow(const Finding& finding) {
    if (finding.accesses.empty()) return;
    writer_.key("codeFlows").begin_array().begin_object().key("threadFlows").begin_array();
    for (const Side& side : sides_of(finding)) {
      writer_.begin_object().key("id").string(side.front()->thread);
      writer_.key("locations").begin_array();
      for (const Access* access : side) {
        writer_.begin_object().key("location");
        write_location(*access, describe_access(*access));
        writer_.end_object();
      }
      writer_.end_array().end_object();
    }
    writer_.end_array().end_object().end_array();
  }

  void write_location(const Access& access, const std::string& message) {
    writer_.begin_object().key("physicalLocation").begin_object();
    writer_.key("artifactLocation").begin_object();
    const bool is_below = access.file.starts_with(root_);
    const bool is_relative = !access.file.starts_with('/');
    if (is_below) {
      writer_.key("uri").string(percent_encoded(access.file.substr(root_.size()), "/"));
    } else {
      writer_.key("uri").string((is_relative ? "" : "file://") + percent_encoded(access.file, "/"));
    }
    if (is_below || is_relative) writer_.key("uriBaseId").string("SRCROOT");
    writer_.end_object();
    writer_.key("region").begin_object().key("startLine").integer(std::max(1, access.line));
    if (const std::string line = sources_.line({access.file, access.line}); !line.empty()) {
      write_text("snippet", line);
    }
    writer_.end_object().end_object();
    writer_.key("logicalLocations").begin_array().begin_object().key("fullyQualifiedName");
    writer_.string(access.function).key("kind").string("function").end_object().end_array();
    if (!message.empty()) write_text("message", message);
    writer_.end_object();
  }

  const Report& report_;
  std::string root_;
  Sources& sources_;
  Writer writer_;
};

}  // namespace

std::string write_sarif(const Report& report, const std::string& root, Sources& sources) {
  return SarifWriter(report, root, sources).write();
}

}  // namespace atonce::check
