# treesmith_layer(NAME [DEPENDS layer...] [LIBRARIES lib...])
#
# One folder of src/ = one static library `ts_NAME` from its *.cc, and one test
# program `NAME_test` from its *_test.cc. tools/check_layers.py checks that
# includes agree with the order of layers.
find_package(GTest REQUIRED)
find_package(Threads REQUIRED)
include(GoogleTest)

function(treesmith_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;TEST_DEPENDS" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(layer_libraries ${ARG_LIBRARIES})
  foreach(layer ${ARG_DEPENDS})
    list(APPEND layer_libraries ts_${layer})
  endforeach()
  if(sources)
    add_library(ts_${target} STATIC ${sources})
    target_link_libraries(ts_${target} PUBLIC treesmith_settings
      ${layer_libraries} Threads::Threads)
  else()
    add_library(ts_${target} INTERFACE)
    target_link_libraries(ts_${target} INTERFACE treesmith_settings
      ${layer_libraries} Threads::Threads)
  endif()
  if(tests)
    add_executable(${target}_test ${tests})
    set_target_properties(${target}_test PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${target}_test PRIVATE ts_${target} rapidcheck
      GTest::gmock GTest::gtest_main)
    # Compiled in two thirds of the time; what they test is optimised.
    target_compile_options(${target}_test PRIVATE -O0)
    # Where tests find their testdata/.
    target_compile_definitions(${target}_test PRIVATE
      TREESMITH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    foreach(layer ${ARG_TEST_DEPENDS})
      target_link_libraries(${target}_test PRIVATE ts_${layer})
    endforeach()
    gtest_discover_tests(${target}_test DISCOVERY_TIMEOUT 60
      TEST_PREFIX ${target}/ PROPERTIES TIMEOUT 300)
  endif()
endfunction()
