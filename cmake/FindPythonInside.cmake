# The free-threaded CPython that atonce embeds, and the environment of atonce's own packages: asked
# of the interpreter that tools/python.sh found or built.

set(ATONCE_PYTHON "" CACHE FILEPATH "free-threaded python to embed (tools/python.sh prints it)")
set(ATONCE_ENVIRONMENT "" CACHE PATH "virtual environment with pydantic (tools/environment.sh prints it)")
if(NOT ATONCE_PYTHON OR NOT ATONCE_ENVIRONMENT)
  message(FATAL_ERROR "ATONCE_PYTHON and ATONCE_ENVIRONMENT are not set: run `make build`, which sets both")
endif()

function(ask_python result code)
  execute_process(COMMAND ${ATONCE_PYTHON} -c "import sys, sysconfig; print(${code})"
    OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${result} ${answer} PARENT_SCOPE)
endfunction()

ask_python(ATONCE_PYTHON_HOME "sys.base_prefix")
ask_python(ATONCE_PYTHON_INCLUDE "sysconfig.get_path('include')")
ask_python(ATONCE_PYTHON_LIBRARY
  "sysconfig.get_config_var('LIBDIR') + '/' + sysconfig.get_config_var('INSTSONAME')")
ask_python(python_series "f'{sys.version_info.major}.{sys.version_info.minor}t'")
set(ATONCE_ENVIRONMENT_PACKAGES ${ATONCE_ENVIRONMENT}/lib/python${python_series}/site-packages)
get_filename_component(ATONCE_PYTHON_LIBRARY_FOLDER ${ATONCE_PYTHON_LIBRARY} DIRECTORY)
