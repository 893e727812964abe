# How this project's targets are made: one place for flags, sanitizers and test registration.

option(ATONCE_WITH_PYTHON "build the parts that embed Python (the program itself)" ON)
option(ATONCE_WITH_LOCAL_MODEL "build the embedded model (llama.cpp from the cache)" ON)
set(ATONCE_SANITIZE "" CACHE STRING "sanitizers for the whole build: address,undefined or thread")

add_library(atonce_flags INTERFACE)
target_include_directories(atonce_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(atonce_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(ATONCE_WERROR)
  target_compile_options(atonce_flags INTERFACE -Werror)
endif()
if(ATONCE_SANITIZE)
  add_compile_options(-fsanitize=${ATONCE_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g1)  # lines are all that reports show; -g takes half as long again
  add_link_options(-fsanitize=${ATONCE_SANITIZE})
  if(ATONCE_SANITIZE MATCHES thread)
    add_compile_options(-Wno-tsan)  # Asio's fences
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    add_compile_options(-fno-sanitize=pointer-overflow)  # RapidJSON adds to the null of an empty stack
  endif()
endif()

# atonce_library(folder SOURCES a.cpp ... LINKS base ...)
function(atonce_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(atonce_${name} STATIC ${ARG_SOURCES})
  list(TRANSFORM ARG_LINKS PREPEND atonce_)
  target_link_libraries(atonce_${name} PUBLIC atonce_flags ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# atonce_test(folder/file LINKS base ... [LABEL slow]): tests/folder/file.cpp as one CTest program.
function(atonce_test path)
  cmake_parse_arguments(ARG "" "LABEL" "LINKS;OTHER_LINKS" ${ARGN})
  string(REPLACE "/" "_" target test_${path})
  add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/${path}.cpp)
  list(TRANSFORM ARG_LINKS PREPEND atonce_)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${ARG_LINKS} ${ARG_OTHER_LINKS} atonce_flags GTest::gtest_main)
  if(NOT ARG_LABEL)
    set(ARG_LABEL fast)
  endif()
  set(is_serial FALSE)
  if(ARG_LABEL STREQUAL slow)
    set(is_serial TRUE)  # two models at once take twice the memory and spin for each other's cores
  endif()
  gtest_discover_tests(${target} TEST_PREFIX ${path}/ DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300 RUN_SERIAL ${is_serial}
    ENVIRONMENT ATONCE_SOURCE_DIR=${CMAKE_SOURCE_DIR})
endfunction()
