// A service over lambdas, for the targets that ask one.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/fakes.h"
#include "serve/mcp_service.h"
#include "target.h"

namespace atonce::fuzz {

// Tools and more, and the engine that runs them. Lives as long as the program.
class Offers final {
 public:
  using Function = engine::FakeBackend::Function;

  void add(call::Role role, const std::string& name, const std::string& subject,
           Function function) {
    backend_.offer(name, role, std::move(function));
    call::ToolSpec spec{.name = name, .description = "", .input_schema = "{}"};
    spec.declarations.fill(R"({"name":"x"})");
    spec.role = role;
    spec.subject = subject;
    if (role == call::Role::tool) spec.headers = {{"region", "Region", "string"}};
    specs_.push_back(std::move(spec));
  }

  void open() {
    scheduler_ = std::make_unique<engine::Scheduler>(
        backend_, clock_, observer_, [] { return 0.0; }, engine::Options{});
    catalogue_ = std::make_unique<serve::Catalogue>(specs_);
  }

  ~Offers() {
    if (scheduler_) require(scheduler_->stop(std::chrono::seconds(10)).empty(), "calls end");
  }

  [[nodiscard]] const serve::Catalogue& catalogue() const { return *catalogue_; }
  [[nodiscard]] engine::Scheduler& scheduler() { return *scheduler_; }
  [[nodiscard]] Clock& clock() { return clock_; }

 private:
  const serve::Seal seal_;  // uses OpenSSL first, so that this ends after the threads that use it
  SteadyClock clock_;
  engine::FakeBackend backend_;
  engine::Observer observer_;
  std::vector<call::ToolSpec> specs_;
  std::unique_ptr<engine::Scheduler> scheduler_;
  std::unique_ptr<serve::Catalogue> catalogue_;
};

}  // namespace atonce::fuzz
