#include "app/narrator.h"

#include <iostream>
#include <utility>

#include "app/approval.h"
#include "app/timeline.h"

namespace atonce::app {

void Narrator::on_asking(std::size_t /*turn*/) {
  has_written_ = false;
  waiting_.emplace("waiting for " + model_);
}

void Narrator::on_text(std::string_view piece) {
  waiting_.reset();
  if (it_.output == nullptr || piece.empty()) return;
  it_.output->write(piece);
  is_in_line_ = !piece.ends_with('\n');
  has_written_ = true;
}

void Narrator::on_answered() {
  waiting_.reset();
  if (std::exchange(is_in_line_, false)) it_.output->write("\n");
}

void Narrator::on_calls_starting(std::size_t count) {
  waiting_.emplace("running " + std::to_string(count) + (count == 1 ? " call" : " calls"));
}

void Narrator::on_calls_done(const call::Reply& reply) {
  waiting_.reset();
  std::cerr << draw_timeline(reply, timeline_style()) << std::flush;
  it_.runtime.watch_gil();
}

void Narrator::on_message(const protocol::Message& message) {
  if (it_.transcript != nullptr) it_.transcript->add(message);
}

void Narrator::on_forgotten(std::size_t messages) {
  if (it_.transcript != nullptr) it_.transcript->forget(messages);
}

bool Narrator::approves(const call::Call& call) {
  waiting_.reset();
  return approves_all_ || ask_approval(call, it_.interrupts);
}

}  // namespace atonce::app
