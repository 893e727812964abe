// atonce doctor: which Python, whether the GIL is off, what would turn it on, what is missing.

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/build_places.h"
#include "app/commands.h"
#include "app/report.h"
#include "app/subprocess.h"
#include "base/json.h"
#include "python/gil.h"
#include "python/interpreter.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// One thing looked at. `advice` says what to do when it is not well.
struct Finding {
  bool is_well = true;
  std::string name;
  std::string value;
  std::string advice = {};
};

// Lists the environment's packages that have compiled modules, and imports each in an interpreter
// of its own: nothing but an import tells whether a module turns the GIL on.
constexpr std::string_view kProbe = R"python(
import importlib.metadata, json, subprocess, sys, warnings
names = set()
for distribution in importlib.metadata.distributions():
    files = distribution.files or ()
    if any(str(file).endswith(".so") for file in files):
        tops = {str(file).split("/")[0].split(".")[0] for file in files if str(file).endswith(".so")}
        names.add((distribution.metadata["Name"], distribution.version, tuple(sorted(tops))))
found = []
ask = "import sys, warnings; warnings.simplefilter('ignore'); __import__(sys.argv[1]); print(sys._is_gil_enabled())"
for name, version, tops in sorted(names):
    for top in tops:
        run = subprocess.run([sys.executable, "-c", ask, top], capture_output=True, text=True, timeout=30)
        last = run.stderr.strip().splitlines()[-1] if run.stderr.strip() else ""
        state = {"True": "turns the GIL on", "False": "fine"}.get(run.stdout.strip(), "does not import: " + last)
        found.append({"package": name, "version": version, "module": top, "state": state})
print(json.dumps(found))
)python";

void look_at_packages(const fs::path& venv, std::vector<Finding>& findings) {
  const auto probe = run_and_catch({venv / "bin" / "python", "-c", std::string(kProbe)}, 120s);
  const auto document = json::Document::parse(probe.output);
  if (!document) {
    findings.push_back({false, "tools' packages", "could not be listed (" + venv.string() + ")",
                        "check that " + (venv / "bin" / "python").string() + " runs"});
    return;
  }
  for (const json::View& each : document->root().items()) {
    auto text = [&](std::string_view key) {
      const auto member = each.find(key);
      return member ? std::string(member->as_string().value_or("")) : std::string();
    };
    Finding finding{.is_well = text("state") == "fine",
                    .name = text("package") + " " + text("version"),
                    .value = text("module") + " " + text("state")};
    if (text("state") == "turns the GIL on") {
      finding.advice =
          "look for a newer version that declares support for free threading, or run "
          "with --gil off if you know that it is safe";
    } else if (!finding.is_well) {
      finding.advice =
          "install it for this Python: atonce python -m pip install " + text("package");
    }
    findings.push_back(std::move(finding));
  }
}

Finding look_at_model(const Places& places) {
  const fs::path folder = places.cache / "models";
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".gguf") {
      return {.name = "local model", .value = entry.path().string()};
    }
  }
  return {false, "local model", "none in " + folder.string(), "fetch it with `make model`"};
}

Finding look_at_gil(const CommonSettings& common, const Places& places) {
  auto interpreter = python::Interpreter::start({.home = places.python_home,
                                                 .executable = places.python_executable,
                                                 .package_paths = {places.package},
                                                 .gil = common.gil});
  if (!interpreter) {
    return {false, "interpreter", interpreter.error().message, interpreter.error().hint};
  }
  const python::Attached py((*interpreter)->main_thread());
  const bool is_on = python::is_gil_on(py);
  return {.is_well = !is_on,
          .name = "GIL",
          .value = is_on ? "on" : "off",
          .advice = is_on ? "run without --gil on" : ""};
}

std::vector<Finding> examine(const CommonSettings& common) {
  const Places places = find_places();
  std::vector<Finding> findings;
  findings.push_back({.name = "atonce", .value = kVersion});
  findings.push_back(
      {.name = "Python",
       .value = python::python_version() + " free-threaded, " + places.python_executable.string()});
  findings.push_back(look_at_gil(common, places));
  if (python::python_version().starts_with("3.13")) {
    findings.push_back({.name = "speed",
                        .value =
                            "3.13t takes 1.6 to 2.3 times as long as an optimised 3.11 for pure "
                            "Python on one core; 3.14t about as long as its own GIL build"});
  }
  const bool has_packages = fs::exists(places.own_packages / "pydantic");
  findings.push_back({.is_well = has_packages,
                      .name = "own packages",
                      .value = places.own_packages.string(),
                      .advice = has_packages ? "" : "run `make build` again"});
  const auto venv = find_venv(common, "", places);
  if (venv && *venv) {
    findings.push_back({.name = "tools' environment", .value = (*venv)->string()});
    look_at_packages(**venv, findings);
  } else {
    findings.push_back({.name = "tools' environment",
                        .value = "none yet; `atonce python -m pip install ...` makes one"});
  }
  findings.push_back(look_at_model(places));
  return findings;
}

std::string to_json(const std::vector<Finding>& findings) {
  json::Writer writer;
  writer.begin_array();
  for (const Finding& each : findings) {
    writer.begin_object().key("name").string(each.name).key("value").string(each.value);
    writer.key("well").boolean(each.is_well);
    if (!each.advice.empty()) writer.key("advice").string(each.advice);
    writer.end_object();
  }
  writer.end_array();
  return writer.take();
}

int doctor(Shell& shell) {
  const std::vector<Finding> findings = examine(shell.common);
  if (shell.common.json) return shell.output.line(to_json(findings)), kFine;
  for (const Finding& each : findings) {
    shell.output.line(
        fmt::format("{} {:<20} {}", each.is_well ? "ok  " : "look", each.name, each.value));
    if (!each.advice.empty()) shell.output.line(fmt::format("     {:<20} -> {}", "", each.advice));
  }
  return kFine;
}

}  // namespace

void add_doctor(CLI::App& app, Command& chosen) {
  CLI::App* command =
      app.add_subcommand("doctor", "which Python, GIL state, packages that would turn the GIL on");
  command->footer("Example:\n  atonce doctor --json");
  command->callback([&chosen] { chosen = doctor; });
}

}  // namespace atonce::app
