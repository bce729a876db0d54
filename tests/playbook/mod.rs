//! The playbook reader, as its users see it: a text in, a playbook or a page of mistakes out.

mod mistakes;
mod read;
mod scaffold;
mod shipped;
