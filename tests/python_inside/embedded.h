// A Python inside the test's own process, for the tests of src/python.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <barrier>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/settings.h"
#include "engine/backend.h"
#include "python/interpreter.h"
#include "python/toolset.h"

namespace atonce::python {

// CPython can be started once in a process, so all tests of a program share it.
inline const Interpreter& interpreter() {
  static const std::unique_ptr<Interpreter> started = [] {
    const app::Places places = app::find_places();
    auto result = Interpreter::start({.home = places.python_home,
                                      .executable = places.python_executable,
                                      .package_paths = {places.package}});
    ATONCE_CHECK(result.has_value(), "the Python inside starts");
    return *std::move(result);
  }();
  return *started;
}

// A tools file of the test's own, in a folder that goes with it.
class ToolsFile {
 public:
  ToolsFile(const std::string& name, const std::string& text)
      : folder_(std::filesystem::temp_directory_path() /
                ("atonce-inside-" + std::to_string(getpid()) + "-" + name)) {
    std::filesystem::create_directories(folder_);
    options.sources = {{.spec = folder_ / (name + ".py")}};
    options.own_packages = app::find_places().own_packages;
    std::ofstream(options.sources.front().spec) << text;
  }
  ~ToolsFile() { std::filesystem::remove_all(folder_); }
  ToolsFile(const ToolsFile&) = delete;
  ToolsFile& operator=(const ToolsFile&) = delete;

  [[nodiscard]] std::unique_ptr<Toolset> load() const {
    auto toolset = Toolset::load(interpreter(), options);
    if (!toolset) throw std::runtime_error(toolset.error().message);
    return *std::move(toolset);
  }

  LoadOptions options;

 private:
  const std::filesystem::path folder_;
};

struct Wanted {
  std::string tool;
  std::string arguments = "{}";
};

// Runs the calls on a lane of its own thread.
inline std::vector<call::Outcome> run_on_lane(engine::Backend& backend, std::size_t number,
                                              const std::vector<Wanted>& calls) {
  std::vector<call::Outcome> outcomes;
  std::thread([&] {
    const auto lane = backend.open_lane(number);
    for (const Wanted& each : calls) {
      std::size_t tool = 0;
      while (backend.tools()[tool].name != each.tool) ++tool;
      const call::Call call{.id = "", .name = each.tool, .arguments = each.arguments};
      engine::CallControl control;
      outcomes.push_back(lane->run(tool, call, control));
    }
  }).join();
  return outcomes;
}

// The same calls on so many lanes, which begin together; the outcomes by lane.
inline std::vector<std::vector<call::Outcome>> run_on_lanes(engine::Backend& backend,
                                                            std::size_t lanes,
                                                            const std::vector<Wanted>& calls) {
  std::vector<std::vector<call::Outcome>> outcomes(lanes);
  std::barrier together(static_cast<std::ptrdiff_t>(lanes));
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < lanes; ++at) {
    threads.emplace_back([&, at] {
      together.arrive_and_wait();
      outcomes[at] = run_on_lane(backend, at + 1, calls);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

inline std::vector<call::Outcome> returned(const std::vector<std::string>& results) {
  std::vector<call::Outcome> outcomes;
  for (const std::string& result : results) outcomes.push_back(call::Returned{result});
  return outcomes;
}

}  // namespace atonce::python
