// That what Python's locks do before they sleep is the program's own.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>

namespace atonce::python {
namespace {

// The file that a symbol comes from when a library asks for it, as Python's does.
std::filesystem::path file_of(const char* name) {
  Dl_info info = {};
  void* const found = dlsym(RTLD_DEFAULT, name);
  if (found == nullptr || dladdr(found, &info) == 0) return {};
  return std::filesystem::canonical(info.dli_fname);
}

TEST(Spinning, YieldsOfAllLibrariesComeToTheProgram) {
  EXPECT_EQ(file_of("sched_yield"), std::filesystem::canonical("/proc/self/exe"));
  EXPECT_NE(file_of("sched_getcpu"), std::filesystem::canonical("/proc/self/exe"));
}

TEST(Spinning, AYieldIsStillOne) {
  for (int times = 0; times < 1'000; ++times) ASSERT_EQ(sched_yield(), 0);
}

}  // namespace
}  // namespace atonce::python
