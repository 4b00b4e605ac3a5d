# Language level, warnings and sanitizers, as interface targets that only our
# own code links; third-party headers never see our warnings.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# CHECK is always on and asserts of libraries are not ours to keep.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# Sanitizer builds: frames and lines for reports, -O1 for bearable speed.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

set(TREESMITH_SANITIZE "" CACHE STRING "address,undefined or thread; empty: none")

add_library(treesmith_settings INTERFACE)
target_include_directories(treesmith_settings INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(treesmith_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough -Wundef -Werror
  # g++ 12 reports these in its own headers for correct code (GCC bugs 105329,
  # 105562); they are still on in clang-tidy.
  -Wno-restrict -Wno-maybe-uninitialized)
if(TREESMITH_SANITIZE)
  set(sanitize -fsanitize=${TREESMITH_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
  target_compile_options(treesmith_settings INTERFACE ${sanitize})
  target_link_options(treesmith_settings INTERFACE ${sanitize})
endif()
