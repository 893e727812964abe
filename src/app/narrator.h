// Shows a person what a conversation does: what is waited for, the answer as it comes, each turn's
// calls as bars; asks for approval; keeps the transcript.
//
// Thread safety: one thread.
#pragma once

#include <optional>
#include <string>

#include "app/interrupts.h"
#include "app/output.h"
#include "app/runtime.h"
#include "app/status_line.h"
#include "app/transcript_file.h"
#include "model/conversation.h"

namespace atonce::app {

class Narrator final : public model::Listener {
 public:
  // What must outlive it. Without an output, text that comes in pieces is not shown; without a
  // transcript, nothing is kept.
  struct Surroundings {
    Runtime& runtime;
    const Interrupts& interrupts;
    Output* output = nullptr;
    TranscriptFile* transcript = nullptr;
  };

  Narrator(Surroundings surroundings, std::string model, bool approves_all)
      : it_(surroundings), model_(std::move(model)), approves_all_(approves_all) {}

  void on_asking(std::size_t turn) override;
  void on_text(std::string_view piece) override;
  void on_answered() override;
  void on_calls_starting(std::size_t count) override;
  void on_calls_done(const call::Reply& reply) override;
  void on_message(const protocol::Message& message) override;
  void on_forgotten(std::size_t messages) override;
  [[nodiscard]] bool approves(const call::Call& call) override;

  void set_model(std::string model) { model_ = std::move(model); }

  // Whether the text of the last answer has been shown already.
  [[nodiscard]] bool has_written() const { return has_written_; }

 private:
  const Surroundings it_;
  std::string model_;
  const bool approves_all_;
  bool is_in_line_ = false;
  bool has_written_ = false;
  std::optional<StatusLine> waiting_;
};

}  // namespace atonce::app
