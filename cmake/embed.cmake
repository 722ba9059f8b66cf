# Files inside the program, so that nothing is opened by URL at run time.
#
# spirogram_embed(TARGET target DIR dir)
#   Adds web::EmbeddedFiles() to the target: every file below `dir`, with content type, hash and a gzip
#   variant. The folder is read at every build, so it may appear or change after configuring; when it
#   does not exist the table is empty. Only a change rebuilds anything.
#
# spirogram_embed_text(TARGET target FILE file FUNCTION name [NAMESPACE spirogram::web])
#   Adds `std::string_view NAMESPACE::NAME()`: the content of one file.

set(SPIROGRAM_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed_files.cmake")

function(spirogram_embed)
  cmake_parse_arguments(ARG "" "TARGET;DIR" "" ${ARGN})
  set(out_dir "${CMAKE_CURRENT_BINARY_DIR}/${ARG_TARGET}_files")
  # A custom target runs at every build; the script leaves the source file alone when nothing changed,
  # and ninja's restat then spares the compiler.
  add_custom_target(${ARG_TARGET}_files
    COMMAND "${CMAKE_COMMAND}" "-DDIR=${ARG_DIR}" "-DOUT_DIR=${out_dir}" -P "${SPIROGRAM_EMBED_SCRIPT}"
    BYPRODUCTS "${out_dir}/embedded_files.cc"
    COMMENT "Embedding ${ARG_DIR}"
    VERBATIM)
  target_sources(${ARG_TARGET} PRIVATE "${out_dir}/embedded_files.cc")
endfunction()

function(spirogram_embed_text)
  cmake_parse_arguments(ARG "" "TARGET;FILE;FUNCTION;NAMESPACE" "" ${ARGN})
  if(NOT ARG_NAMESPACE)
    set(ARG_NAMESPACE spirogram::web)
  endif()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${ARG_FUNCTION}.cc")
  set(symbol "spirogram_text_${ARG_FUNCTION}")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [[
// Made by cmake/embed.cmake.
#include <string_view>
asm(".section .rodata\n@symbol@:\n.incbin \"@ARG_FILE@\"\n@symbol@_end:\n.previous\n");
extern const char kBegin[] asm("@symbol@");
extern const char kEnd[] asm("@symbol@_end");
namespace @ARG_NAMESPACE@ {
std::string_view @ARG_FUNCTION@();
std::string_view @ARG_FUNCTION@() { return {kBegin, static_cast<size_t>(kEnd - kBegin)}; }
}  // namespace @ARG_NAMESPACE@
]])
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${ARG_FILE}")
  target_sources(${ARG_TARGET} PRIVATE "${source}")
endfunction()
