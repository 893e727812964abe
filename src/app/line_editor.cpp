#include "app/line_editor.h"

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <iostream>
#include <string_view>
#include <utility>

namespace atonce::app {
namespace {

constexpr int kHistoryLines = 1000;

// How many bytes a UTF-8 character has that begins with `first`; 0 when none does.
int utf8_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

// libedit turns characters into bytes and back by the locale.
void ensure_utf8_locale() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

class LineEditor::Terminal final {
 public:
  Terminal(std::filesystem::path history, Interrupts& interrupts)
      : interrupts_(interrupts), file_(std::move(history)), wake_(eventfd(0, EFD_CLOEXEC)) {
    ensure_utf8_locale();
    editor_ = el_init("atonce", stdin, stderr, stderr);
    history_ = history_init();
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, kHistoryLines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    ::history(history_, &event, H_LOAD, file_.c_str());
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &Terminal::write_prompt);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, ::history, history_);
    el_set(editor_, EL_GETCFN, &Terminal::give_character);
    el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(editor_, nullptr);  // the person's own ~/.editrc
  }

  ~Terminal() {
    history_end(history_);
    el_end(editor_);
    close(wake_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  Got read(const std::string& prompt, std::string& line) {
    prompt_ = prompt;
    was_interrupted_ = false;
    interrupts_.forget();
    const Interrupts::Handler wakes(interrupts_, [this] { eventfd_write(wake_, 1); });
    // Before the prompt is there: a key that is pressed at once must mean what it means later.
    el_set(editor_, EL_PREP_TERM, 1);
    int length = 0;
    const char* const text = el_gets(editor_, &length);
    if (was_interrupted_) {
      std::fputs("\n", stderr);
      return Got::interrupted;
    }
    if (text == nullptr || length <= 0) return Got::end;
    line.assign(text, static_cast<std::size_t>(length));
    remember(line);
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    return Got::line;
  }

 private:
  static Terminal& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Terminal*>(self);
  }

  static char* write_prompt(EditLine* editor) { return of(editor).prompt_.data(); }

  // As libedit wants it: 1 for a character, 0 at the end, -1 when the line is to be given up.
  static int give_character(EditLine* editor, wchar_t* character) {
    return of(editor).read_character(character);
  }

  int read_character(wchar_t* character) {
    std::array<char, 4> bytes{};
    if (const int got = read_byte(bytes[0]); got != 1) return got;
    const int length = utf8_length(static_cast<unsigned char>(bytes[0]));
    for (int at = 1; at < length; ++at) {
      if (const int got = read_byte(bytes[static_cast<std::size_t>(at)]); got != 1) return got;
    }
    const bool is_read =
        length > 0 && std::mbrtowc(character, bytes.data(), static_cast<std::size_t>(length),
                                   &shift_) <= static_cast<std::size_t>(length);
    if (!is_read) *character = L'?';
    return 1;
  }

  int read_byte(char& byte) {
    std::array<pollfd, 2> waited{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                  {.fd = wake_, .events = POLLIN, .revents = 0}}};
    while (poll(waited.data(), waited.size(), -1) < 0 && errno == EINTR) {
    }
    if (waited[1].revents != 0) {
      eventfd_t count = 0;
      eventfd_read(wake_, &count);
      was_interrupted_ = true;
      return -1;
    }
    return static_cast<int>(::read(STDIN_FILENO, &byte, 1));
  }

  void remember(const std::string& line) {
    if (line.find_first_not_of(" \t\r\n") == std::string::npos) return;
    HistEvent event;
    ::history(history_, &event, H_ENTER, line.c_str());
    std::error_code error;
    std::filesystem::create_directories(file_.parent_path(), error);
    ::history(history_, &event, H_SAVE, file_.c_str());  // without it, only this history is lost
  }

  Interrupts& interrupts_;
  const std::filesystem::path file_;
  const int wake_;
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
  std::string prompt_;
  std::mbstate_t shift_{};
  bool was_interrupted_ = false;
};

LineEditor::LineEditor(std::filesystem::path history, Interrupts& interrupts)
    : interrupts_(interrupts) {
  if (isatty(STDIN_FILENO) == 1) {
    terminal_ = std::make_unique<Terminal>(std::move(history), interrupts);
  }
}

LineEditor::~LineEditor() = default;

LineEditor::Got LineEditor::read(const std::string& prompt, std::string& line) {
  if (terminal_) return terminal_->read(prompt, line);
  interrupts_.forget();
  return std::getline(std::cin, line) ? Got::line : Got::end;
}

}  // namespace atonce::app
