#include "serve/pulse.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <utility>

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;

// Something that hears its third beat.
class Heart final : public Beating {
 public:
  void beat() override {
    if (++count_ == 3) third_.set_value();
  }
  [[nodiscard]] bool hears_three() {
    return third_.get_future().wait_for(20s) == std::future_status::ready;
  }

 private:
  std::atomic<int> count_ = 0;
  std::promise<void> third_;
};

TEST(Pulse, BeatsUntilItIsRemoved) {
  Pulse pulse(1ms);
  const auto heart = std::make_shared<Heart>();
  const Pulse::Place place = pulse.add(heart);
  EXPECT_EQ(pulse.count(), 1U);

  EXPECT_TRUE(heart->hears_three());
  pulse.remove(place);

  EXPECT_EQ(pulse.count(), 0U);
}

// Adds somebody else at its first beat.
class Host final : public Beating {
 public:
  explicit Host(Pulse& pulse) : pulse_(pulse) {}

  void beat() override {
    if (++beats == 1) static_cast<void>(pulse_.add(guest));
  }

  class Guest final : public Beating {
   public:
    explicit Guest(Host& host) : host_(host) {}
    void beat() override {
      if (!std::exchange(has_beaten_, true)) first.set_value(host_.beats);
    }
    std::promise<int> first;  // how often the host had been beaten by then

   private:
    Host& host_;
    bool has_beaten_ = false;
  };

  int beats = 0;  // on the pulse's thread
  const std::shared_ptr<Guest> guest = std::make_shared<Guest>(*this);

 private:
  Pulse& pulse_;
};

// A beat makes an answer a stream, with status 200: an error that comes at once must not be one.
TEST(Pulse, LeavesOneIntervalForAQuickAnswer) {
  std::shared_ptr<Host> host;
  Pulse pulse(1ms);
  host = std::make_shared<Host>(pulse);

  static_cast<void>(pulse.add(host));

  EXPECT_EQ(host->guest->first.get_future().get(), 3);
}

// A subscriber that leaves is let go of, and nobody removes its place.
TEST(Pulse, ForgetsWhatIsGone) {
  Pulse pulse(1ms);
  static_cast<void>(pulse.add(std::make_shared<Heart>()));  // gone at once
  const auto heart = std::make_shared<Heart>();
  const Pulse::Place place = pulse.add(heart);

  EXPECT_TRUE(heart->hears_three());

  EXPECT_EQ(pulse.count(), 1U);
  pulse.remove(place);
}

TEST(Pulse, EndsWithoutWaitingForItsNextBeat) {
  Pulse pulse(std::chrono::hours(24));
  static_cast<void>(pulse.add(std::make_shared<Heart>()));
}

}  // namespace
}  // namespace atonce::serve
