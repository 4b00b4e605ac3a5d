# treesmith_embed_prompts(TARGET): the files of prompts/ become texts in the
# program (operators/llm/embedded_prompts.h). Configures again when one changes.
function(treesmith_embed_prompts target)
  set(folder ${CMAKE_SOURCE_DIR}/prompts)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder}
    ${folder}/*.mustache)
  list(SORT files)
  set(PROMPTS "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
      ${folder}/${file})
    file(READ ${folder}/${file} text)
    string(REGEX REPLACE "\\.mustache$" "" name ${file})
    string(APPEND PROMPTS
      "    {\"${name}\",\n     R\"mustache(${text})mustache\"},\n")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_prompts.cc)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/embedded_prompts.cc.in ${source}
    @ONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()
