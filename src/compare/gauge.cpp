#include "compare/gauge.h"

#include <utility>

namespace atonce::compare {

class GaugeLane final : public engine::Lane {
 public:
  GaugeLane(GaugeBackend& owner, std::unique_ptr<engine::Lane> inner, std::size_t tool)
      : owner_(owner), inner_(std::move(inner)), tool_(tool) {}

  [[nodiscard]] std::string_view name() const override { return inner_->name(); }

  [[nodiscard]] call::Outcome run(std::size_t tool, const call::Call& call,
                                  engine::CallControl& control) override {
    if (tool == 0) return inner_->run(tool_, call, control);
    owner_.enter_empty();
    return call::Returned{"null"};
  }

  void interrupt(std::uint64_t ticket) override { inner_->interrupt(ticket); }

 private:
  GaugeBackend& owner_;
  const std::unique_ptr<engine::Lane> inner_;
  const std::size_t tool_;
};

GaugeBackend::GaugeBackend(engine::Backend& inner, std::size_t tool, std::size_t workers)
    : inner_(inner), tool_(tool) {
  tools_.push_back(inner.tools()[tool]);
  call::ToolSpec& measured = tools_.front();
  measured.policy.timeout.reset();
  measured.policy.retries = 0;
  if (measured.is_async && !measured.policy.max_concurrency) {
    measured.policy.max_concurrency = workers;
  }
  tools_.push_back({.name = kEmptyTool, .description = "", .input_schema = "{}"});
}

std::unique_ptr<engine::Lane> GaugeBackend::open_lane(std::size_t number) {
  return std::make_unique<GaugeLane>(*this, inner_.open_lane(number), tool_);
}

void GaugeBackend::start_async(std::size_t, const call::Call& call, engine::CallControl& control,
                               AsyncDone done) {
  inner_.start_async(tool_, call, control, std::move(done));
}

void GaugeBackend::interrupt_async(std::uint64_t ticket) { inner_.interrupt_async(ticket); }

void GaugeBackend::hold_until(std::size_t workers) {
  const std::lock_guard lock(mutex_);
  missing_ = workers;
}

void GaugeBackend::enter_empty() {
  std::unique_lock lock(mutex_);
  if (missing_ == 0) return;
  if (--missing_ == 0) all_there_.notify_all();
  all_there_.wait(lock, [this] { return missing_ == 0; });
}

}  // namespace atonce::compare
