"""Push: streams of hints for visitors and operators, without a thread or a connection each."""
