/** Before the tests of labs: an engine on this machine would make `auto` take containers. */
process.env['PREFETCH_LAB_RUNTIME'] ||= 'native'
